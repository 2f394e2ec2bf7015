public import Foundation

/// What a ``ContextHistogram`` has seen, as it is stored: no client is in it.
public struct ContextHistogramState: Sendable, Hashable, Codable {
    /// The version of the stored form that this code reads and writes.
    public static let currentSchema = 1

    /// The version of the stored form.
    public var schema: Int
    /// Milliseconds in which a count halves.
    public var halfLifeMs: Double
    /// Milliseconds since the time that weights are counts of.
    public var ageMs: Double
    /// By kind of context.
    public var rows: [Row]

    /// A kind of context, and how much it weighs.
    public struct Row: Sendable, Hashable, Codable {
        /// The kind.
        public var context: RequestContext
        /// Its count times 2 to the power of age over half-life.
        public var weight: Double

        /// A row.
        public init(context: RequestContext, weight: Double) {
            self.context = context
            self.weight = weight
        }

        /// The context as JSON with sorted keys: equal for equal contexts, for sorting and as a key of tables.
        public var key: String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // Numbers that JSON cannot hold are in no kind of context.
            return (try? encoder.encode(context)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }

    /// A stored form.
    public init(
        schema: Int = Self.currentSchema, halfLifeMs: Double, ageMs: Double, rows: [Row]
    ) {
        self.schema = schema
        self.halfLifeMs = halfLifeMs
        self.ageMs = ageMs
        self.rows = rows
    }

    enum CodingKeys: String, CodingKey {
        case schema, rows
        case halfLifeMs = "half-life-ms"
        case ageMs = "age-ms"
    }

    /// Whether its times make sense.
    var isSound: Bool {
        halfLifeMs >= 1000 && halfLifeMs < .infinity && ageMs >= 0 && ageMs / halfLifeMs <= 128
    }

    /// The kinds with their counts, the most frequent first.
    public var contexts: [WeightedContext] {
        guard isSound else { return [] }
        let share = exp2(-ageMs / halfLifeMs)
        return rows.enumerated().sorted {
            ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset)
        }.map { WeightedContext($0.element.context, count: $0.element.weight * share) }
    }
}

/// Contexts that were seen and what was learned, as one JSON document for `prune variants recommend`.
///
/// `docs/schemas/contexts.schema.json` is its schema.
public struct ObservationDocument: Sendable, Hashable, Codable {
    /// The version of the document that this code reads and writes.
    public static let currentSchema = 1

    /// The version of the document.
    public var schema: Int
    /// The kinds of contexts, the most frequent first.
    public var contexts: [Entry]
    /// What was learned of times; nil if nothing was.
    public var performance: PerformanceState?

    /// A kind of context, and how often it was seen.
    public struct Entry: Sendable, Hashable, Codable {
        /// How often; what is longer ago counts less.
        public var count: Double
        /// The kind.
        public var context: RequestContext

        /// An entry.
        public init(count: Double, context: RequestContext) {
            self.count = count
            self.context = context
        }
    }

    /// A document of what was stored.
    public init(contexts: ContextHistogramState?, performance: PerformanceState?) {
        schema = Self.currentSchema
        self.contexts = (contexts?.contexts ?? []).map {
            Entry(count: $0.count, context: $0.context)
        }
        self.performance = performance
    }

    /// As JSON, keys sorted.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try encoder.encode(self)
    }
}
