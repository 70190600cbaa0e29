import { createRequire } from 'node:module';
import type * as Otel from '@opentelemetry/api';

/** A trace as it travels: headers of W3C Trace Context and baggage, or what the program's propagator makes of them. */
export type TraceContext = Readonly<Record<string, string>>;

/** A span that is going on. */
export interface OpenSpan {
  /** What the other end needs to go on with this trace. Empty when nothing records it. */
  readonly context: TraceContext;
  /** Ends the span. With an error, it counts as failed. */
  end(error?: unknown): void;
}

/** What of a batch is worth knowing in a trace. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** Makes spans of batches, with the OpenTelemetry API that the program itself uses. */
export interface Tracing {
  /** The client's span of a batch, below the span that is active. */
  client(attributes: SpanAttributes): OpenSpan;
  /** The daemon's span of a batch, below the client's: `carried` is the `context` of that. */
  daemon(carried: TraceContext, attributes: SpanAttributes): OpenSpan;
  /** Calls `run` where spans that are made go below `carried`. */
  within<T>(carried: TraceContext, run: () => T): T;
}

/** Apart from the interface, whose types must not need the API's package. */
class OtelTracing implements Tracing {
  readonly #api: typeof Otel;
  readonly #tracer: Otel.Tracer;

  constructor(api: typeof Otel) {
    this.#api = api;
    this.#tracer = api.trace.getTracer('jobloom');
  }

  client(attributes: SpanAttributes): OpenSpan {
    const { context, SpanKind } = this.#api;
    return this.#open('jobloom batch', SpanKind.CLIENT, attributes, context.active());
  }

  daemon(carried: TraceContext, attributes: SpanAttributes): OpenSpan {
    return this.#open('jobloom batch run', this.#api.SpanKind.SERVER, attributes, this.#extracted(carried));
  }

  within<T>(carried: TraceContext, run: () => T): T {
    return this.#api.context.with(this.#extracted(carried), run);
  }

  #extracted(carried: TraceContext): Otel.Context {
    const { ROOT_CONTEXT, propagation } = this.#api;
    return propagation.extract(ROOT_CONTEXT, carried);
  }

  #open(name: string, kind: Otel.SpanKind, attributes: SpanAttributes, parent: Otel.Context): OpenSpan {
    const { trace, propagation, SpanStatusCode } = this.#api;
    const span = this.#tracer.startSpan(name, { kind, attributes: { ...attributes } }, parent);
    const carried: Record<string, string> = {};
    propagation.inject(trace.setSpan(parent, span), carried);
    return {
      context: carried,
      end: (error) => {
        if (error !== undefined) {
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: error instanceof Error ? error.message : String(error),
          });
          if (error instanceof Error) span.recordException(error);
        }
        span.end();
      },
    };
  }
}

/** Where version 1 of the API keeps what a program has set up, for all copies of the API in this thread. */
const SET_UP = Symbol.for('opentelemetry.js.api.1');

let loaded: Tracing | undefined;

/** Tracing, once the program has set up a tracer provider: without one nothing would be recorded, and nothing is loaded. */
export function activeTracing(): Tracing | undefined {
  const { trace } = (globalThis as { [SET_UP]?: { readonly trace?: unknown } })[SET_UP] ?? {};
  if (trace === undefined) return undefined;
  try {
    loaded ??= new OtelTracing(createRequire(import.meta.url)('@opentelemetry/api') as typeof Otel);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
  }
  return loaded;
}
