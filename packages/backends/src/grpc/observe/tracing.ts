import type * as Otel from '@opentelemetry/api';

/** The caller's trace, as it travels: headers of W3C Trace Context and baggage. */
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
export class Tracing {
  readonly #api: typeof Otel;
  readonly #tracer: Otel.Tracer;

  constructor(api: typeof Otel) {
    this.#api = api;
    this.#tracer = api.trace.getTracer('jobloom');
  }

  /** The client's span of a batch, below the span that is active. */
  client(attributes: SpanAttributes): OpenSpan {
    const { context, SpanKind } = this.#api;
    return this.#open('jobloom batch', SpanKind.CLIENT, attributes, context.active());
  }

  /** The daemon's span of a batch, below the client's: `carried` is the `context` of that. */
  daemon(carried: TraceContext, attributes: SpanAttributes): OpenSpan {
    const { ROOT_CONTEXT, propagation, SpanKind } = this.#api;
    return this.#open('jobloom batch run', SpanKind.SERVER, attributes, propagation.extract(ROOT_CONTEXT, carried));
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

/** Tracing with the OpenTelemetry API, where it is installed. */
export async function loadTracing(): Promise<Tracing | undefined> {
  try {
    return new Tracing(await import('@opentelemetry/api'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
