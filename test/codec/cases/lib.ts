const one = 1;
let tally = 0;

export { tally };

export const setTally = (n: number): void => {
  tally = n;
};

export const helper = (x: number): number => x + one;

export class Account {
  balance: number;
  constructor(balance: number) {
    this.balance = balance;
  }
  add(amount: number): Account {
    return new Account(this.balance + amount);
  }
}

export const shapes = { square: (side: number): number => side ** 2 * one };

export default function makeCounter(): () => number {
  let count = 0;
  return () => ++count;
}
