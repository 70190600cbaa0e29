import {
  CountVectorizer,
  type CountVectorizerParams,
  ENGLISH_STOP_WORDS,
  fromState,
  TfidfTransformer,
  TfidfVectorizer,
  type TfidfVectorizerParams,
  toDense,
  toRows,
} from '@jobloom/ml';
import { describe, expect, test } from 'vitest';
import { numpyArgsort } from '../../packages/ml/src/text/numpy-argsort.ts';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Case<P> {
  readonly params: Partial<P>;
  readonly terms: string[];
  readonly X: number[];
  readonly new: number[];
}
const { documents, counts, tfidfs } = reference<{
  documents: string[];
  counts: Case<CountVectorizerParams>[];
  tfidfs: Case<TfidfVectorizerParams>[];
}>('text');
const unseen = ['the new dog naps', 'cc ddd', 'zzz'];
const named = <P>(cases: Case<P>[]): [string, Case<P>][] => cases.map((each) => [JSON.stringify(each.params), each]);

describe('CountVectorizer as scikit-learn', () => {
  test.each(named(counts))('%s', async (_, { params, terms, X, new: next }) => {
    const vectorizer = new CountVectorizer(params);
    const counted = await vectorizer.fitTransform(documents);
    expect(vectorizer.getFeatureNamesOut()).toEqual(terms);
    expect([...toDense(counted).data]).toEqual(X);
    expect([...toDense(await vectorizer.transform(documents)).data]).toEqual(X);
    expect([...toDense(await vectorizer.transform(unseen)).data]).toEqual(next);
    const again = fromState(structuredClone(vectorizer.toState())) as CountVectorizer;
    expect(await again.transform(unseen)).toEqual(await vectorizer.transform(unseen));
  });
});

describe('TfidfVectorizer as scikit-learn', () => {
  test.each(named(tfidfs))('%s', async (_, { params, terms, X, new: next }) => {
    const vectorizer = new TfidfVectorizer(params);
    close(toDense(await vectorizer.fitTransform(documents)).data, X, 1e-14);
    expect(vectorizer.getFeatureNamesOut()).toEqual(terms);
    close(toDense(await vectorizer.transform(documents)).data, X, 1e-14);
    close(toDense(await vectorizer.transform(unseen)).data, next, 1e-14);
  });
});

test('TfidfTransformer on counts is TfidfVectorizer', async () => {
  const weights = await new TfidfVectorizer().fitTransform(documents);
  const counted = await new CountVectorizer().fitTransform(documents);
  const transformer = await new TfidfTransformer().fit(counted);
  expect(await transformer.transform(counted)).toEqual(weights);
  expect(await transformer.transform(toDense(counted))).toEqual(weights);
});

test('functions in the place of words and analyzers', async () => {
  const tokenizer = (document: string): string[] => document.split('-');
  const byTokenizer = new CountVectorizer({ tokenizer, preprocessor: (text) => text.toUpperCase() });
  expect((await byTokenizer.fit(['a-b', 'b-c'])).getFeatureNamesOut()).toEqual(['A', 'B', 'C']);
  const byAnalyzer = new CountVectorizer({ analyzer: (document) => [`${document.length}`], ngramRange: [1, 3] });
  expect((await byAnalyzer.fit(['ab', 'abc'])).getFeatureNamesOut()).toEqual(['2', '3']);
  const blank = new CountVectorizer({ tokenizer: () => ['a b'], ngramRange: [1, 2] });
  await expect(blank.fit(['x'])).rejects.toThrow(
    "words of n-grams cannot hold blanks, which stand between them. Got 'a b'.",
  );
});

test('equally frequent terms: those that numpy sorts first are features', async () => {
  for (const { values, order } of reference<{ values: number[]; order: number[] }[]>('argsort')) {
    expect([...numpyArgsort(Float64Array.from(values))]).toEqual(order);
  }
  const vectorizer = await new CountVectorizer({ maxFeatures: 2 }).fit(['bb aa cc dd dd']);
  expect(vectorizer.getFeatureNamesOut()).toEqual(['aa', 'dd']);
});

test('many features and few terms a document', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `w${i} v${i % 7} w${(i * 7) % 3000}`);
  const vectorizer = new CountVectorizer();
  const counted = await vectorizer.fitTransform(many);
  expect([counted.rows, counted.cols, counted.data.length]).toEqual([3000, 3007, 8994]);
  for (const row of [0, 1, 2999]) {
    const own = counted.indices.slice(counted.indptr[row], counted.indptr[row + 1]);
    expect([...own]).toEqual([...own].sort((a, b) => a - b));
  }
  expect(await vectorizer.transform(many)).toEqual(counted);
});

test('what cannot be counted is refused', async () => {
  await expect(new CountVectorizer().fit('text' as never)).rejects.toThrow(
    "CountVectorizer takes a list of documents. Got 'text'.",
  );
  await expect(new CountVectorizer().fit(['a', 3] as never)).rejects.toThrow(
    'CountVectorizer takes documents as strings. Got 3 at row 1.',
  );
  await expect(new CountVectorizer().fit([])).rejects.toThrow('Found array with 0 row(s)');
  await expect(new CountVectorizer().fit(['a'])).rejects.toThrow(
    'empty vocabulary; perhaps the documents only contain stop words.',
  );
  await expect(new CountVectorizer({ minDf: 2 }).fit(['aa', 'bb'])).rejects.toThrow(
    'After pruning, no terms remain. Try a lower minDf or a higher maxDf.',
  );
  await expect(new CountVectorizer({ minDf: 2, maxDf: 0.5 }).fit(['aa', 'bb'])).rejects.toThrow(
    'maxDf corresponds to fewer documents than minDf.',
  );
  await expect(new CountVectorizer({ ngramRange: [2, 1] }).fit(['aa'])).rejects.toThrow(
    'ngramRange goes from the smaller to the larger. Got [2, 1].',
  );
  await expect(new CountVectorizer({ ngramRange: [0, 1] }).fit(['aa'])).rejects.toThrow(
    "The 'ngramRange' parameter of CountVectorizer must be two of: an integer in the range [1, inf). Got [0, 1] instead.",
  );
  await expect(new CountVectorizer().transform(['a'])).rejects.toThrow(
    'This CountVectorizer instance is not fitted yet.',
  );
  await expect(new CountVectorizer({ vocabulary: ['a', 'a'] }).fit(['a'])).rejects.toThrow(
    'a vocabulary is a list of distinct terms. Got 2, 1 of them distinct.',
  );
  expect(ENGLISH_STOP_WORDS).toHaveLength(318);
});

test('a document that fails leaves nothing behind, and changed parameters count', async () => {
  const tokenizer = (document: string): string[] => {
    if (document === 'fail') throw new Error('no tokens');
    return document.split(' ');
  };
  const vectorizer = await new CountVectorizer({ tokenizer }).fit(['a B']);
  await expect(vectorizer.transform(['a', 'fail'])).rejects.toThrow('no tokens');
  expect(toRows(await vectorizer.transform(['a']))).toEqual([[1, 0]]);
  vectorizer.setParams({ tokenizer: () => ['b', 'b'] });
  expect(toRows(await vectorizer.transform(['a']))).toEqual([[0, 2]]);
});

test('grams longer than the documents', async () => {
  const vectorizer = new CountVectorizer({ analyzer: 'char', ngramRange: [2, 1_000_000_000] });
  expect((await vectorizer.fit(['abc', ''])).getFeatureNamesOut()).toEqual(['ab', 'abc', 'bc']);
});
