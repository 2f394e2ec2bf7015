import Synchronization

/// Picks for each request the variant that fits it, and learns from how long things took.
///
/// Any number of threads may use one at once. A selection copies one reference under a lock and works on
/// what it refers to, which never changes; whoever changes something makes a new state beside it.
///
/// ```swift
/// let catalogue = try VariantCatalogue(store: "variants")
/// let selector = VariantSelector(catalogue)
/// let context = try RequestContext(json: requestBody)
/// let selection = selector.select(context)
/// print(selection.candidate?.fileDigest ?? "on the server", selection.reason)
/// ```
public final class VariantSelector: Sendable {
    /// How careful selections are.
    public let options: SelectionOptions
    private let current: Mutex<SelectorState>
    private let learning: Mutex<Learning>
    /// Of predictions for measured devices.
    private let newClasses: Mutex<RateLimiter>
    private let clock: AdapterClock

    private struct Learning {
        var model: PerformanceModel
        /// Accepted observations that predictions do not follow yet, by class.
        var pending: [DeviceClass: Int] = [:]
    }

    /// A selector over a catalogue.
    ///
    /// - Parameter model: what was learned before.
    public convenience init(
        _ catalogue: VariantCatalogue, options: SelectionOptions = SelectionOptions(),
        model: PerformanceModel = PerformanceModel()
    ) {
        self.init(
            catalogue, options: options, model: model, clock: AdapterClock(ContinuousClock()))
    }

    init(
        _ catalogue: VariantCatalogue, options: SelectionOptions, model: PerformanceModel,
        clock: AdapterClock
    ) {
        self.options = options
        self.clock = clock
        let perMinute = Double(options.newClassesPerMinute)
        newClasses = Mutex(
            RateLimiter(burst: (perMinute / 10).rounded(.up), perMinute: perMinute, mostKeys: 1))
        current = Mutex(SelectorState(catalogue: catalogue))
        learning = Mutex(Learning(model: model))
    }

    /// What is chosen from now.
    public var catalogue: VariantCatalogue { state.catalogue }

    /// What was learned so far; a copy.
    public var model: PerformanceModel { learning.withLock { $0.model } }

    /// The classes of devices whose predictions are kept, the one that came first in front.
    public var keptClasses: [DeviceClass] { state.order }

    private var state: SelectorState { current.withLock { $0 } }

    /// Chooses from another catalogue from now on; what was learned stays.
    ///
    /// Predictions for the classes that are in use are made before the swap, so that no request waits.
    /// - Complexity: O(classes in use · layers of all candidates).
    public func replace(_ catalogue: VariantCatalogue) {
        let old = state
        let model = model
        var made = SelectorState(catalogue: catalogue)
        for deviceClass in old.order {
            made = made.adding(
                PredictionTable(
                    catalogue, deviceClass: deviceClass, options: options, model: model),
                mostClasses: options.mostClasses)
        }
        let ready = made
        current.withLock { $0 = ready }
    }

    // MARK: Selecting

    /// The variant for a context.
    ///
    /// The most accurate candidate that keeps memory, accuracy floor and both deadlines, times as mean + k·σ;
    /// of equals the one that is done first. Where none does, the ladder of ``Selection/Step``. The same
    /// catalogue, context and observations give the same answer.
    /// - Complexity: O(candidates of the family that are not worse than another in everything); allocates nothing once its class of
    ///   devices was seen.
    public func select(_ context: RequestContext) -> Selection {
        answer(context).selection
    }

    /// The selection, and what speaks for and against each candidate of the family.
    ///
    /// - Complexity: O(candidates of the family).
    public func explain(_ context: RequestContext) -> Explanation {
        let (selection, evaluation) = answer(context)
        let family = evaluation.catalogue.family(evaluation.context.model) ?? 0..<0
        let copies = ClientCopies(context, evaluation.context)
        return Explanation(
            selection: selection,
            assessments: family.map { evaluation.assessment(of: $0, copies: copies) })
    }

    /// One candidate in a context, such as the one that a client uses now.
    ///
    /// - Parameter digest: of artifact or file; of several with it the first in the family counts.
    /// - Returns: nil if the family has no such candidate.
    public func assess(_ digest: String, in context: RequestContext) -> Assessment? {
        let evaluation = evaluation(of: CheckedContext(context), in: state)
        guard let family = evaluation.catalogue.family(evaluation.context.model),
            let place = evaluation.catalogue.places(of: digest).first(where: {
                family.contains(Int($0))
            })
        else { return nil }
        return evaluation.assessment(
            of: Int(place), copies: ClientCopies(context, evaluation.context))
    }

    private func answer(
        _ context: RequestContext
    ) -> (selection: Selection, evaluation: Evaluation) {
        let evaluation = evaluation(of: CheckedContext(context), in: state)
        let catalogue = evaluation.catalogue
        guard let family = catalogue.family(evaluation.context.model), !family.isEmpty else {
            return (Selection(evaluation, choice: nil, reason: .noSuchModel), evaluation)
        }
        let copies = ClientCopies(context, evaluation.context)
        guard let choice = evaluation.choose(from: family, copies: copies) else {
            // Nothing may be served, so the most accurate one may not either.
            let rejection = evaluation.firstRejection(of: family.lowerBound, copy: .none)
            return (
                Selection(
                    evaluation, choice: nil, reason: .noneFits(because: rejection ?? .untrusted)),
                evaluation
            )
        }
        let reason = evaluation.reason(for: choice, in: family, copies: copies)
        return (Selection(evaluation, choice: choice, reason: reason), evaluation)
    }

    private func evaluation(of context: CheckedContext, in state: SelectorState) -> Evaluation {
        let deviceClass = state.catalogue.devices.deviceClass(of: context)
        let table = state.table(for: deviceClass) ?? newTable(for: deviceClass, in: state)
        return Evaluation(context, catalogue: state.catalogue, table: table, options: options)
    }

    /// Of a class that is new, or of its label where too many measured ones are.
    private func newTable(for deviceClass: DeviceClass, in state: SelectorState) -> PredictionTable
    {
        let isAffordable =
            deviceClass.steps == nil
            || newClasses.withLock { $0.allows(0, atMs: clock.nowMs()) }
        guard !isAffordable else { return makeTable(for: deviceClass, in: state) }
        let labelled = deviceClass.labelled
        return state.table(for: labelled) ?? makeTable(for: labelled, in: state)
    }

    /// A context against the catalogue; every class is predicted, for nobody's request waits for it.
    func evaluation(of context: CheckedContext) -> Evaluation {
        let state = state
        let deviceClass = state.catalogue.devices.deviceClass(of: context)
        let table = state.table(for: deviceClass) ?? makeTable(for: deviceClass, in: state)
        return Evaluation(context, catalogue: state.catalogue, table: table, options: options)
    }

    /// Predicts a class that is new, and keeps it for the next request.
    private func makeTable(for deviceClass: DeviceClass, in state: SelectorState) -> PredictionTable
    {
        let table = PredictionTable(
            state.catalogue, deviceClass: deviceClass, options: options, model: model)
        current.withLock { current in
            // Of a catalogue that was replaced meanwhile, the predictions are of no use to others.
            guard current.catalogue === state.catalogue else { return }
            current = current.adding(table, mostClasses: options.mostClasses)
        }
        return table
    }

    // MARK: Learning

    /// Takes in how long things took in a context.
    ///
    /// Predictions follow after ``SelectionOptions/observationsPerRefresh`` of them, and with ``refresh()``.
    /// - Parameters:
    ///   - report: what a client says, or the server itself.
    ///   - atMs: when, in milliseconds on any clock.
    /// - Returns: what became of each time in the report.
    @discardableResult
    public func record(
        _ report: PerformanceReport, atMs: Double
    ) -> [ObservedQuantity: ObservationOutcome] {
        let context = CheckedContext(report.context)
        let evaluation = evaluation(of: context, in: state)
        let predictions = evaluation.predictions(for: report)
        let deviceClass = evaluation.table.deviceClass
        var outcomes: [ObservedQuantity: ObservationOutcome] = [:]
        var (isDue, hasMany) = (false, false)
        for (quantity, observedMs) in report.times {
            guard let place = predictions.place else {
                outcomes[quantity] = .unknownVariant
                continue
            }
            guard let predictedMs = predictions.ms[quantity] else {
                outcomes[quantity] = .notComparable
                continue
            }
            let observation = Observation(
                quantity, deviceClass: deviceClass.id,
                digest: evaluation.catalogue.candidates[place].digest, predictedMs: predictedMs,
                observedMs: observedMs, client: report.client, atMs: atMs)
            outcomes[quantity] = learning.withLock { learning in
                let outcome = learning.model.record(observation)
                if case .accepted = outcome {
                    learning.pending[deviceClass, default: 0] += 1
                    isDue =
                        learning.pending[deviceClass, default: 0] >= options.observationsPerRefresh
                    // Clients may make up classes, and each would wait here for its turn.
                    hasMany = learning.pending.count > options.mostClasses
                }
                return outcome
            }
        }
        if hasMany { refresh() } else if isDue { refresh(deviceClass) }
        return outcomes
    }

    /// Makes predictions follow everything that was recorded.
    ///
    /// - Complexity: O(candidates) for each class with new observations.
    public func refresh() {
        let classes = learning.withLock { Array($0.pending.keys) }
        for deviceClass in classes { refresh(deviceClass) }
    }

    private func refresh(_ deviceClass: DeviceClass) {
        let model = learning.withLock { learning in
            learning.pending[deviceClass] = nil
            return learning.model
        }
        let state = state
        guard let table = state.tables[deviceClass] else { return }
        let corrected = table.corrected(by: model, catalogue: state.catalogue, options: options)
        current.withLock { current in
            guard current.catalogue === state.catalogue, current.tables[deviceClass] != nil else {
                return
            }
            current = current.adding(corrected, mostClasses: options.mostClasses)
        }
    }
}
