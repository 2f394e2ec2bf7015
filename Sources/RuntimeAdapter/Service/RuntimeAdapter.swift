public import Logging
public import Metrics
import Synchronization

/// The right variant for every request, loaded, while variants come, change and go.
///
/// ```swift
/// let adapter = try await RuntimeAdapter(source: StoreSource("variants"), loader: MyLoader())
/// let context = try RequestContext(json: requestBody)
/// let lease = try await adapter.lease(for: context)
/// let answer = lease.model.predict(input)
/// ```
///
/// A server that only hands out files needs ``select(_:)`` alone. Run an ``AdapterService`` beside the
/// server to follow the source. Any number of threads may use one; no lock is held across I/O.
public final class RuntimeAdapter<Model: Sendable>: Sendable {
    /// How it selects, learns, loads and rolls out.
    public let options: AdapterOptions
    let selector: VariantSelector
    let source: any VariantSource
    let loader: any VariantLoader<Model>
    let clock: AdapterClock
    let logger: Logger
    let metrics: AdapterMetrics
    private let observations: any ObservationStore
    private let seen: Mutex<ContextHistogram>
    let state: Mutex<AdapterState<Model>>
    /// Held while a catalogue is taken in, so that an older one never comes behind a newer one.
    let adoption = Mutex(())

    /// An adapter with what the source has now; pinned variants are on their way when this returns.
    ///
    /// - Parameters:
    ///   - source: where variants come from.
    ///   - loader: what makes models of them.
    ///   - observations: where what was learned survives restarts; what it throws is logged, and nothing else.
    ///   - clock: what deadlines and backoffs go by.
    /// - Throws: what the source throws if it was never seen whole, ``SourceError`` for those of this library.
    public init(
        source: some VariantSource, loader: some VariantLoader<Model>,
        options: AdapterOptions = AdapterOptions(),
        observations: any ObservationStore = InMemoryObservationStore(),
        clock: some Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "RuntimeAdapter"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) async throws {
        self.options = options
        self.source = source
        self.loader = loader
        self.observations = observations
        self.clock = AdapterClock(clock)
        self.logger = logger
        self.metrics = AdapterMetrics(factory: metrics)
        var learned = PerformanceModel(options: options.learning)
        do {
            if let saved = try await observations.load() {
                learned = PerformanceModel(state: saved, options: options.learning)
            }
        } catch {
            logger.warning("what was learned cannot be read", metadata: ["error": "\(error)"])
        }
        let (kinds, halfLife) = (options.seen.mostKinds, options.seen.halfLife)
        var histogram = ContextHistogram(mostRows: kinds, halfLife: halfLife)
        do {
            if let saved = try await observations.loadContexts() {
                histogram = ContextHistogram(state: saved, mostRows: kinds, halfLife: halfLife)
            }
        } catch {
            logger.warning(
                "which contexts were seen cannot be read", metadata: ["error": "\(error)"])
        }
        let restored = histogram
        seen = Mutex(restored)
        selector = VariantSelector(
            VariantCatalogue([]), options: options.selection, model: learned,
            clock: self.clock)
        state = Mutex(AdapterState(options: options.lifecycle))
        adopt(try await source.snapshot())
    }

    // MARK: Selecting

    /// What is chosen from now.
    public var catalogue: VariantCatalogue { selector.catalogue }

    /// The variant for a context, whether it is loaded or not, and without roll-outs.
    ///
    /// - Complexity: O(candidates of the family that are not worse than another in everything); allocates nothing once its class of
    ///   devices was seen.
    public func select(_ context: RequestContext) -> Selection {
        let selection = selector.select(context)
        metrics.selected(selection.step)
        return selection
    }

    /// The selection, and what speaks for and against each candidate of the family.
    public func explain(_ context: RequestContext) -> Explanation { selector.explain(context) }

    // MARK: Learning

    /// Takes in how it went: predictions learn from times, roll-outs from times and failures.
    ///
    /// - Parameter failed: whether the answer was an error; its times then say nothing of predictions.
    /// - Returns: what became of each time in the report.
    @discardableResult
    public func observe(
        _ report: PerformanceReport, failed: Bool = false
    ) -> [ObservedQuantity: ObservationOutcome] {
        watchRollouts(report, failed: failed)
        guard !failed else { return [:] }
        let outcomes = selector.record(report, atMs: clock.nowMs())
        let deviceClass = selector.catalogue.devices.deviceClass(of: CheckedContext(report.context))
        for outcome in outcomes.values {
            if case .accepted = outcome {
                metrics.observed(deviceClass, refused: false)
            } else {
                metrics.observed(deviceClass, refused: true)
            }
        }
        let isAccepted = outcomes.values.contains {
            if case .accepted = $0 { true } else { false }
        }
        if isAccepted { see(report.context, in: .reports) }
        return outcomes
    }

    /// Counts a context as seen, if such contexts count.
    func see(_ context: RequestContext, in source: AdapterOptions.SeenContexts.Source) {
        guard options.seen.source == source else { return }
        let (catalogue, now) = (catalogue, clock.nowMs())
        seen.withLock { $0.record(context, for: catalogue, atMs: now) }
    }

    /// The kinds of contexts that were seen, the most frequent first; see ``AdapterOptions/seen``.
    public var seenContexts: [WeightedContext] { seen.withLock { $0 }.contexts }

    /// Which of the catalogue's candidates to keep for the contexts that were seen.
    ///
    /// - Parameters:
    ///   - budget: how much may be kept, bases not counted.
    ///   - staying: digests of artifacts that stay in any case.
    /// - Complexity: that of ``VariantSelector/family(for:within:staying:)``; not for the path of a request.
    public func family(within budget: FamilyBudget, staying: Set<String> = []) -> FamilyChoice {
        selector.family(for: seenContexts, within: budget, staying: staying)
    }

    /// Saves what was learned and which contexts were seen; what the place throws is logged.
    public func save() async {
        do { try await observations.save(selector.model.state) } catch {
            logger.warning("what was learned cannot be saved", metadata: ["error": "\(error)"])
        }
        guard options.seen.source != .none else { return }
        do { try await observations.saveContexts(seen.withLock { $0 }.state) } catch {
            logger.warning(
                "which contexts were seen cannot be saved", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Looking

    /// What it is doing.
    public var status: AdapterStatus {
        state.withLock { state in
            AdapterStatus(
                revision: state.revision,
                variants: state.machine.entries.map { digest, entry in
                    AdapterStatus.Variant(
                        digest: digest, reference: state.candidates[digest]?.reference ?? "",
                        phase: entry.phase, users: entry.users, failure: entry.failure)
                }.sorted { ($0.reference, $0.digest) < ($1.reference, $1.digest) },
                heldBytes: state.machine.heldBytes, hits: state.hits, misses: state.misses,
                evictions: state.machine.evictions,
                rollouts: state.rollouts.values.sorted { $0.line < $1.line },
                sourceFailure: state.sourceFailure)
        }
    }
}
