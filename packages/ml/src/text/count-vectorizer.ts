import { BOOLEAN, type Constraints, FUNCTION, integer, NULL, oneOf, real, STRING, show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import type { CsrMatrix, Features } from '../data/features.ts';
import { countsToCsr } from './counts-to-csr.ts';
import { ENGLISH_STOP_WORDS } from './english-stop-words.ts';
import { GramTable } from './gram-table.ts';
import { selectGrams } from './select-grams.ts';
import { type Alphabet, characters, words } from './symbols.ts';
import { defaultTokens, patternTokens, stripAccents } from './tokenize.ts';

export interface CountVectorizerParams {
  /** What grams are of: words, characters, characters within words; or a function that gives the terms themselves. */
  readonly analyzer: 'word' | 'char' | 'char_wb' | ((document: string) => readonly string[]);
  /** Lengths of grams, from and to. */
  readonly ngramRange: readonly [number, number];
  /** Features: the most frequent terms. */
  readonly maxFeatures: number | null;
  /** Documents that a term is in, at least: a count from 1, or a share below 1. */
  readonly minDf: number;
  /** Documents that a term is in, at most: a count above 1, or a share up to 1. */
  readonly maxDf: number;
  /** 1 for terms that a document has, however often. */
  readonly binary: boolean;
  readonly lowercase: boolean;
  readonly stripAccents: 'ascii' | 'unicode' | null;
  /** Words that are left out: `'english'`, or a list. */
  readonly stopWords: 'english' | readonly string[] | null;
  /** A regular expression for words; null: two or more letters, digits and underscores. */
  readonly tokenPattern: string | null;
  readonly preprocessor: ((document: string) => string) | null;
  readonly tokenizer: ((document: string) => readonly string[]) | null;
  /** Terms in the order of their columns, where they are known. */
  readonly vocabulary: readonly string[] | null;
}

/** What counts with a vocabulary. */
interface Counter {
  readonly params: CountVectorizerParams;
  readonly alphabet: Alphabet;
  readonly table: GramTable;
  readonly columnOf: Int32Array;
}

/** Tables of vocabularies, made at the first transform. */
const counters = new WeakMap<ReadonlyMap<string, number>, Counter>();

/**
 * Documents to counts of their terms: words, n-grams of words or characters, as scikit-learn counts them. Gives a CSR
 * matrix, documents x terms, terms by code points, counts in a Float32Array (exact to 2^24).
 * Where `maxFeatures` cuts among equally frequent terms, those are kept that scikit-learn keeps.
 *
 * @example
 * const counts = await new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5] }).fitTransform(documents);
 */
export class CountVectorizer<P extends CountVectorizerParams = CountVectorizerParams> extends Estimator<P> {
  static override readonly defaults: CountVectorizerParams = {
    analyzer: 'word',
    ngramRange: [1, 1],
    maxFeatures: null,
    minDf: 1,
    maxDf: 1,
    binary: false,
    lowercase: true,
    stripAccents: null,
    stopWords: null,
    tokenPattern: null,
    preprocessor: null,
    tokenizer: null,
    vocabulary: null,
  };
  static override readonly constraints: Constraints = {
    analyzer: [oneOf('word', 'char', 'char_wb'), FUNCTION],
    ngramRange: [{ is: 'pair', of: integer('[1, inf)') }],
    maxFeatures: [integer('[1, inf)'), NULL],
    minDf: [real('[0, 1)'), integer('[1, inf)')],
    maxDf: [real('[0, 1]'), integer('[1, inf)')],
    binary: [BOOLEAN],
    lowercase: [BOOLEAN],
    stripAccents: [oneOf('ascii', 'unicode'), NULL],
    stopWords: [oneOf('english'), { is: 'array' }, NULL],
    tokenPattern: [STRING, NULL],
    preprocessor: [FUNCTION, NULL],
    tokenizer: [FUNCTION, NULL],
    vocabulary: [{ is: 'array' }, NULL],
  };

  /** Columns by term. */
  declare vocabulary_: Map<string, number>;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', input: 'documents', stateless: this.params.vocabulary !== null };
  }

  /** Learns the terms. @throws InputError where there are none; ParameterError */
  async fit(X: Features, _y?: unknown): Promise<this> {
    await this.fitTransform(X);
    return this;
  }

  /** Learns the terms and counts them, reading each document once. */
  async fitTransform(X: Features, _y?: unknown): Promise<CsrMatrix> {
    return this.learn(documentsOf(X, this.class.name));
  }

  /** Counts known terms. Others are left out. */
  async transform(X: Features): Promise<CsrMatrix> {
    return this.count(documentsOf(X, this.class.name));
  }

  /** Terms in the order of their columns. */
  getFeatureNamesOut(): string[] {
    this.checkFitted();
    return [...(this.vocabulary_ ?? fixedVocabulary(this.params.vocabulary as readonly string[])).keys()];
  }

  protected learn(documents: readonly string[]): CsrMatrix {
    this.checkParams();
    const [min, max] = this.params.ngramRange;
    if (min > max)
      throw new ParameterError(
        `${this.class.name}: ngramRange goes from the smaller to the larger. Got [${min}, ${max}].`,
      );
    this.forget();
    if (this.params.vocabulary !== null) {
      this.vocabulary_ = fixedVocabulary(this.params.vocabulary);
      return this.counted(documents);
    }
    const table = new GramTable();
    const alphabet = this.alphabet();
    this.read(documents, alphabet, table, true);
    if (table.size === 1) throw new InputError('empty vocabulary; perhaps the documents only contain stop words.');
    const counted = table.takeCounts();
    const { minDf, maxDf, maxFeatures, binary } = this.params;
    const minDocuments = minDf < 1 ? minDf * documents.length : minDf;
    const maxDocuments = maxDf <= 1 ? maxDf * documents.length : maxDf;
    if (maxDocuments < minDocuments) {
      throw new ParameterError(
        `${this.class.name}: maxDf corresponds to fewer documents than minDf. Got ${maxDf} and ${minDf} of ${documents.length}.`,
      );
    }
    const selection = { minDocuments, maxDocuments, limit: maxFeatures };
    const grams = selectGrams(counted, table.sorted(alphabet.ranks()), selection);
    const columnOf = new Int32Array(table.size).fill(-1);
    this.vocabulary_ = new Map();
    for (const [column, gram] of grams.entries()) {
      columnOf[gram] = column;
      this.vocabulary_.set(alphabet.write(table.symbolsOf(gram)), column);
    }
    return countsToCsr(counted, columnOf, grams.length, binary);
  }

  protected count(documents: readonly string[]): CsrMatrix {
    this.checkFitted();
    return this.counted(documents);
  }

  private counted(documents: readonly string[]): CsrMatrix {
    const vocabulary = this.vocabulary_ ?? this.stated();
    const { alphabet, table, columnOf } = this.counterOf(vocabulary);
    try {
      this.read(documents, alphabet, table, false);
    } catch (error) {
      table.takeCounts(); // of the documents before the one that failed
      throw error;
    }
    return countsToCsr(table.takeCounts(), columnOf, vocabulary.size, this.params.binary);
  }

  /** The vocabulary of the parameters, for a vectorizer that was never fitted. */
  private stated(): Map<string, number> {
    this.checkParams();
    return fixedVocabulary(this.params.vocabulary as readonly string[]);
  }

  private counterOf(vocabulary: Map<string, number>): Counter {
    let counter = counters.get(vocabulary);
    if (counter === undefined || !hasSame(counter.params, this.params)) {
      const alphabet = this.alphabet();
      const table = new GramTable();
      const grams = Array.from(vocabulary, ([term, column]) => [table.add(alphabet.parse(term)), column] as const);
      const columnOf = new Int32Array(table.size).fill(-1);
      for (const [gram, column] of grams) columnOf[gram] = column;
      counter = { params: { ...this.params }, alphabet, table, columnOf };
      counters.set(vocabulary, counter);
    }
    return counter;
  }

  private read(documents: readonly string[], alphabet: Alphabet, table: GramTable, learn: boolean): void {
    const [min, max] = typeof this.params.analyzer === 'function' ? [1, 1] : this.params.ngramRange;
    for (const document of documents) {
      const { symbols, bounds } = alphabet.read(document, learn);
      for (let i = 0; i < bounds.length; i += 2) {
        const [from, to] = [bounds[i] as number, bounds[i + 1] as number];
        const least = this.params.analyzer === 'char_wb' ? Math.min(min, to - from) : min; // short words count once
        table.count(symbols, from, to, least, max, learn);
      }
      table.endRow();
    }
  }

  private alphabet(): Alphabet {
    const { analyzer, ngramRange, lowercase, preprocessor, tokenizer, tokenPattern, stopWords } = this.params;
    if (typeof analyzer === 'function') return words(analyzer, true);
    const accents = this.params.stripAccents;
    const prepare =
      preprocessor ??
      ((document: string) => {
        const text = lowercase ? document.toLowerCase() : document;
        return accents === null ? text : stripAccents(text, accents);
      });
    if (analyzer !== 'word') return characters(prepare, analyzer === 'char_wb');
    const tokens = tokenizer ?? (tokenPattern === null ? defaultTokens : patternTokens(tokenPattern));
    const stops = new Set(stopWords === 'english' ? ENGLISH_STOP_WORDS : stopWords);
    const read = (document: string): readonly string[] => {
      const all = tokens(prepare(document));
      return stops.size === 0 ? all : all.filter((word) => !stops.has(word));
    };
    return words(read, ngramRange[1] === 1);
  }
}

/** Documents. @throws InputError for what is no list of strings */
function documentsOf(X: Features, owner: string): readonly string[] {
  if (typeof X === 'string' || !Array.isArray(X)) {
    throw new InputError(`${owner} takes a list of documents. Got ${show(X)}.`);
  }
  if (X.length === 0) throw new InputError(`Found array with 0 row(s) while a minimum of 1 is required by ${owner}.`);
  const wrong = X.findIndex((document) => typeof document !== 'string');
  if (wrong >= 0) throw new InputError(`${owner} takes documents as strings. Got ${show(X[wrong])} at row ${wrong}.`);
  return X as readonly string[];
}

/** Whether parameters are the very same. */
function hasSame(a: CountVectorizerParams, b: CountVectorizerParams): boolean {
  return Object.entries(a).every(([name, value]) => Object.is(value, (b as unknown as Record<string, unknown>)[name]));
}

function fixedVocabulary(terms: readonly string[]): Map<string, number> {
  const vocabulary = new Map(terms.map((term, column) => [term, column]));
  if (vocabulary.size === terms.length && terms.length > 0) return vocabulary;
  throw new ParameterError(
    `a vocabulary is a list of distinct terms. Got ${terms.length}, ${vocabulary.size} of them distinct.`,
  );
}
