import Metrics
import Synchronization

/// The adapter's metrics: every label is of a set that is known beforehand or bounded.
///
/// Neither digests nor clients are labels. Names of device classes come from profiles and clients; the
/// first ``mostClasses`` have a label of their own, all others are `other`.
struct AdapterMetrics: Sendable {
    static let mostClasses = 32

    private let steps: [Counter]
    private let leases: [String: Counter]
    private let loads: [String: Counter]
    private let refusals: Counter
    private let loadTime: Metrics.Timer
    private let fetchTime: Metrics.Timer
    private let heldBytes: Gauge
    private let hitRate: Gauge
    private let evictions: Gauge
    private let sourceFailures: Counter
    private let revisions: Counter
    private let rollbacks: [String: Counter]
    private let observations: ClassCounters

    init(factory: any MetricsFactory) {
        func counter(_ name: String, _ label: String, _ values: [String]) -> [String: Counter] {
            Dictionary(
                uniqueKeysWithValues: values.map {
                    ($0, Counter(label: name, dimensions: [(label, $0)], factory: factory))
                })
        }
        steps = Selection.Step.allCases.map {
            Counter(
                label: "adapter_selections", dimensions: [("step", $0.rawValue)], factory: factory)
        }
        leases = counter(
            "adapter_leases", "origin",
            ["ready", "loaded", "substitute", "alternative", "none"])
        loads = counter(
            "adapter_loads", "outcome", ["ready"] + LifecycleFailure.allCases.map(\.rawValue))
        refusals = Counter(label: "adapter_refused_observations", factory: factory)
        loadTime = Metrics.Timer(label: "adapter_load_duration", dimensions: [], factory: factory)
        fetchTime = Metrics.Timer(label: "adapter_fetch_duration", dimensions: [], factory: factory)
        heldBytes = Gauge(label: "adapter_held_bytes", dimensions: [], factory: factory)
        hitRate = Gauge(label: "adapter_hit_rate", dimensions: [], factory: factory)
        evictions = Gauge(label: "adapter_evictions", dimensions: [], factory: factory)
        sourceFailures = Counter(label: "adapter_source_failures", factory: factory)
        revisions = Counter(label: "adapter_revisions", factory: factory)
        rollbacks = counter(
            "adapter_rollbacks", "cause", Rollout.Cause.allCases.map(\.rawValue))
        observations = ClassCounters(factory: factory)
    }

    /// Allocates nothing.
    func selected(_ step: Selection.Step) {
        let place: Int
        switch step {
        case .fits: place = 0
        case .cached: place = 1
        case .smaller: place = 2
        case .base: place = 3
        case .remote: place = 4
        }
        steps[place].increment()
    }

    /// A lease was handed out, or nil: none could be.
    func leased(_ origin: String?) { leases[origin ?? "none"]?.increment() }

    func loaded(_ failure: LifecycleFailure?) { loads[failure?.rawValue ?? "ready"]?.increment() }

    func fetchTook(_ ms: Double) { fetchTime.recordMilliseconds(ms) }

    func loadTook(_ ms: Double) { loadTime.recordMilliseconds(ms) }

    func cache(heldBytes: Int, evictions: Int, hitRate: Double) {
        self.heldBytes.record(heldBytes)
        self.hitRate.record(hitRate)
        self.evictions.record(evictions)
    }

    func sourceFailed() { sourceFailures.increment() }

    func adopted() { revisions.increment() }

    func rolledBack(_ cause: Rollout.Cause) { rollbacks[cause.rawValue]?.increment() }

    func observed(_ deviceClass: DeviceClass, refused: Bool) {
        if refused { refusals.increment() } else { observations.increment(deviceClass) }
    }
}

/// Observations by class of devices, of which there are only so many.
private final class ClassCounters: Sendable {
    private let factory: any MetricsFactory
    private let counters = Mutex<[String: Counter]>([:])

    init(factory: any MetricsFactory) { self.factory = factory }

    func increment(_ deviceClass: DeviceClass) {
        let counter = counters.withLock { counters in
            // Measured classes are too many to tell apart.
            var name = deviceClass.steps == nil ? deviceClass.id : "measured"
            if counters[name] == nil, counters.count >= AdapterMetrics.mostClasses {
                name = "other"
            }
            if let known = counters[name] { return known }
            let made = Counter(
                label: "adapter_observations", dimensions: [("class", name)], factory: factory)
            counters[name] = made
            return made
        }
        counter.increment()
    }
}

extension Metrics.Timer {
    /// What is no time is left out; a time beyond the metric's range is its end.
    fileprivate func recordMilliseconds(_ ms: Double) {
        guard ms >= 0 else { return }
        recordNanoseconds(Int64(min(ms * 1e6, 9e18)))
    }
}
