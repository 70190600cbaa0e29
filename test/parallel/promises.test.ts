import { createProcesses } from '@jobloom/backends/processes';
import { createSequential } from '@jobloom/backends/sequential';
import { createThreads } from '@jobloom/backends/threads';
import { promisesContract } from '@jobloom/parallel/contract';
import { describe, test } from 'vitest';

describe('sequential', () => promisesContract(test, () => createSequential()));
describe('sequential, isolated', () => promisesContract(test, () => createSequential({ isolate: true })));
describe('threads', () => promisesContract(test, () => createThreads()));
describe('processes', () => promisesContract(test, () => createProcesses(), { signals: true }));
