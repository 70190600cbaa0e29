import { backendContract } from '@jobloom/backends/contract';
import { createProcesses } from '@jobloom/backends/processes';
import { createSequential } from '@jobloom/backends/sequential';
import { createThreads } from '@jobloom/backends/threads';
import { describe, test } from 'vitest';

const HEAP = { heapMb: 48 };

describe('sequential', () => backendContract(test, () => createSequential()));
describe('sequential, isolated', () => backendContract(test, () => createSequential({ isolate: true })));
describe('threads', () => backendContract(test, () => createThreads(HEAP), { smallHeap: true }));
describe('processes', () => backendContract(test, () => createProcesses(HEAP), { smallHeap: true, signals: true }));
