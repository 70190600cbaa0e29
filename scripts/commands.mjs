import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { install } from './install.mjs';
import { failure, node, root, say, tool } from './steps.mjs';

const COMMANDS = {
  async demo(...args) {
    return run('examples', '00-talk', args);
  },
  async example(name, ...args) {
    return run('examples', name, args);
  },
  async bench(name, ...args) {
    return run('bench', name, args);
  },
  async test(...args) {
    await build();
    say('running the tests');
    return tool('vitest', 'vitest', 'run', ...args);
  },
  async 'test:codec'(...args) {
    await build();
    say('running every case of the codec, from every origin, on every Node');
    return node('--import', 'tsx', join('test', 'codec', 'matrix', 'main.ts'), ...args);
  },
  async 'test:ml'(...args) {
    await build();
    say('running the tests of machine learning, and its examples');
    const code = await tool('vitest', 'vitest', 'run', 'test/ml', ...args);
    return code === 0 ? tool('vitest', 'vitest', 'run', 'test/workspace/examples', '-t', '00-|1[0-7]-', ...args) : code;
  },
  async build() {
    await build();
    return 0;
  },
  async lint() {
    await install();
    say('checking format and lint');
    return tool('@biomejs/biome', 'biome', 'check', '--error-on-warnings', '.');
  },
  async format() {
    await install();
    return tool('@biomejs/biome', 'biome', 'check', '--write', '.');
  },
  async types() {
    await build();
    for (const folder of ['test', 'examples', 'bench']) {
      say(`checking types of ${folder}`);
      const code = await tool('typescript', 'tsc', '-p', folder);
      if (code !== 0) return code;
    }
    return 0;
  },
};

/** @returns {Promise<number>} the exit code */
export async function main([command, ...args]) {
  if (!Object.hasOwn(COMMANDS, command))
    throw failure(`there is no command ${command ?? '(none given)'}. There are: ${Object.keys(COMMANDS).join(', ')}.`);
  return COMMANDS[command](...args);
}

async function build() {
  await install();
  say('building');
  const code = await tool('typescript', 'tsc', '-b');
  if (code !== 0) throw failure(`the build failed with exit code ${code}`);
  await bundle();
}

/** Runs a program of `folder` by its file name, with or without `.ts`. */
async function run(folder, name, args) {
  const programs = readdirSync(join(root, folder)).filter((file) => /^[^.]+\.ts$/.test(file));
  const file = `${name}`.endsWith('.ts') ? name : `${name}.ts`;
  if (!programs.includes(file)) {
    const list = programs.map((program) => `  ${program.replace(/\.ts$/, '')}`).join('\n');
    throw failure(
      `${name === undefined ? `say which one to run` : `there is no ${name} in ${folder}/`}. There are:\n${list}`,
    );
  }
  await build();
  say(`running ${folder}/${file}`);
  return node('--import', 'tsx', join(folder, file), ...args);
}
