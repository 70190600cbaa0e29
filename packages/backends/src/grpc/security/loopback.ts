import { isIP } from 'node:net';

/** Host and port of `host:port`, `[::1]:port` or a bare host. */
export function splitAddress(address: string): { readonly host: string; readonly port: number | undefined } {
  const [, bracketed, named, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? [];
  const host = bracketed ?? named ?? address; // a bare IPv6 address has colons and no port
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** Whether what is sent to this address stays on this machine. Names count only when they stand for loopback by RFC 6761. */
export function isLoopback(address: string): boolean {
  if (address.startsWith('unix:')) return true;
  const host = splitAddress(address).host.toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const plain = host.replace(/^::ffff:/, '');
  return (isIP(plain) === 4 && plain.startsWith('127.')) || /^(0{0,4}:)*:?0{0,3}1$/.test(isIP(host) === 6 ? host : '');
}
