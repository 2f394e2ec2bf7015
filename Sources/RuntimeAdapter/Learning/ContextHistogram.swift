import Foundation

/// Which contexts are seen how often, as far back as a half-life reaches: a value, contexts in, counts out.
///
/// What is kept are kinds of contexts, ``RequestContext/generalized(for:)``, and no client. Counts halve every
/// half-life, by forward decay (Cormode et al., "Forward decay: a practical time decay model for streaming
/// systems", 2009): a newer context weighs more, so that rows that are not seen do not change.
public struct ContextHistogram: Sendable {
    /// The most kinds that are kept; of more, those go that are seen least.
    public let mostRows: Int
    /// Milliseconds in which a count halves.
    public let halfLifeMs: Double
    private var rows: [RequestContext: Row] = [:]
    private var timeline = Timeline()
    /// When the clock started, and how long before that the landmark lies.
    private var startMs: Double?
    private var ageAtStartMs = 0.0
    private var clock: UInt64 = 0

    private struct Row {
        /// In contexts of the landmark's time.
        var weight: Double
        /// When it was last seen, counted in contexts.
        var stamp: UInt64
    }

    /// A histogram that has seen nothing.
    ///
    /// - Parameters:
    ///   - mostRows: 16 to 65,536.
    ///   - halfLife: a second or more.
    public init(mostRows: Int = 4096, halfLife: Duration = .seconds(7 * 86_400)) {
        self.mostRows = min(max(mostRows, 16), 65_536)
        let (seconds, attoseconds) = halfLife.components
        halfLifeMs = max(1000, Double(seconds) * 1000 + Double(attoseconds) / 1e15)
    }

    /// How many kinds are kept.
    public var rowCount: Int { rows.count }

    /// Milliseconds since the landmark.
    private var ageMs: Double {
        ageAtStartMs + max(0, (timeline.nowMs ?? 0) - (startMs ?? timeline.nowMs ?? 0))
    }

    /// Takes a context in.
    ///
    /// - Parameters:
    ///   - catalogue: whose models, classes and runtimes are kept as labels.
    ///   - atMs: when, in milliseconds on any clock; one that goes back adds no time.
    /// - Complexity: O(1); once in a while O(rows · log rows).
    public mutating func record(
        _ context: RequestContext, for catalogue: VariantCatalogue, atMs: Double
    ) {
        let now = timeline.advance(to: atMs)
        if startMs == nil { startMs = now }
        clock &+= 1
        var halvings = ageMs / halfLifeMs
        if halvings > 64 {
            moveLandmark()
            halvings = 0
        }
        let key = context.generalized(for: catalogue)
        let known = rows[key]?.weight ?? 0
        rows[key] = Row(weight: known + exp2(halvings), stamp: clock)
        if rows.count > mostRows { forget() }
    }

    /// The kinds with their counts as of the last one, the most frequent first.
    public var contexts: [WeightedContext] { state.contexts }

    /// Makes the present the landmark; what is next to nothing by then goes.
    private mutating func moveLandmark() {
        let share = exp2(-ageMs / halfLifeMs)
        rows = rows.compactMapValues { row in
            let weight = row.weight * share
            return weight < 1e-6 ? nil : Row(weight: weight, stamp: row.stamp)
        }
        (ageAtStartMs, startMs) = (0, timeline.nowMs)
    }

    /// Drops the quarter that counts least; of equals what was not seen for longest.
    private mutating func forget() {
        let kept = rows.sorted {
            ($0.value.weight, $0.value.stamp) > ($1.value.weight, $1.value.stamp)
        }.prefix(mostRows - mostRows / 4)
        rows = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    // MARK: Stored form

    /// What was seen so far, in a fixed order.
    public var state: ContextHistogramState {
        ContextHistogramState(
            schema: ContextHistogramState.currentSchema, halfLifeMs: halfLifeMs, ageMs: ageMs,
            rows: rows.map { ContextHistogramState.Row(context: $0.key, weight: $0.value.weight) }
                .sorted { $0.key < $1.key })
    }

    /// A histogram that goes on where another one was; time in between does not count.
    ///
    /// What is of another schema, or out of bounds, is left out.
    public init(
        state: ContextHistogramState, mostRows: Int = 4096,
        halfLife: Duration = .seconds(7 * 86_400)
    ) {
        self.init(mostRows: mostRows, halfLife: halfLife)
        guard state.schema == ContextHistogramState.currentSchema, state.isSound else { return }
        let isSame = state.halfLifeMs == halfLifeMs
        ageAtStartMs = isSame ? state.ageMs : 0
        let share = isSame ? 1 : exp2(-state.ageMs / state.halfLifeMs)
        for row in state.rows {
            let weight = row.weight * share
            guard weight > 0, weight < 1e40, row.context.isShort else { continue }
            clock += 1
            let context = row.context.ofNewClient
            rows[context] = Row(weight: (rows[context]?.weight ?? 0) + weight, stamp: clock)
            if rows.count > self.mostRows { forget() }
        }
    }
}

extension RequestContext {
    /// Whether its labels are as short as labels may be.
    fileprivate var isShort: Bool {
        [model, device.runtime, device.deviceClass].allSatisfy {
            $0?.utf8.count ?? 0 <= CheckedContext.longestText
        }
    }
}
