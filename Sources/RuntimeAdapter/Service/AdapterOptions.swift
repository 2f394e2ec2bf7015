/// How an adapter selects, learns, loads and rolls out.
public struct AdapterOptions: Sendable {
    /// How careful selections are.
    public var selection: SelectionOptions
    /// How fast observations are believed.
    public var learning: LearningOptions
    /// Budget, deadlines and backoff of loading.
    public var lifecycle: LifecycleOptions
    /// Lines that are loaded at once, and stay: what serves when everything else fails.
    ///
    /// A line is a reference without its version, such as `fashion-mobilenet/low-end-phone-3g`.
    public var pinnedLines: Set<String>
    /// How a version that supersedes one in use comes into service; nil swaps as soon as it is ready.
    public var rollout: RolloutPlan?
    /// How often what was learned is saved while the service runs.
    public var saveInterval: Duration
    /// Which contexts count as seen, for the choice of variants to keep.
    public var seen: SeenContexts

    /// Which contexts count as seen, and for how long.
    public struct SeenContexts: Sendable, Hashable {
        /// What makes a context count.
        ///
        /// Selections do not: they allocate nothing, and are not limited by client.
        public enum Source: Sendable, Hashable {
            /// Reports of which a time was accepted, so that the limits for each client hold.
            case reports
            /// Leases.
            case leases
            /// Nothing.
            case none
        }

        /// What makes a context count.
        public var source: Source
        /// The most kinds of contexts that are remembered.
        public var mostKinds: Int
        /// In this time what was seen comes to count half.
        public var halfLife: Duration

        /// Contexts of reports, with a half-life of a week, by default.
        public init(
            source: Source = .reports, mostKinds: Int = 4096,
            halfLife: Duration = .seconds(7 * 86_400)
        ) {
            self.source = source
            self.mostKinds = mostKinds
            self.halfLife = halfLife
        }
    }

    /// Options; each default is documented at its type.
    public init(
        selection: SelectionOptions = SelectionOptions(),
        learning: LearningOptions = LearningOptions(),
        lifecycle: LifecycleOptions = LifecycleOptions(), pinnedLines: Set<String> = [],
        rollout: RolloutPlan? = nil, saveInterval: Duration = .seconds(60),
        seen: SeenContexts = SeenContexts()
    ) {
        self.selection = selection
        self.learning = learning
        self.lifecycle = lifecycle
        self.pinnedLines = pinnedLines
        self.rollout = rollout
        self.saveInterval = max(saveInterval, .milliseconds(100))
        self.seen = seen
    }
}

/// Why there is no model for a request.
public struct AdapterError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// Nothing may run in this context: answer another way.
        case nothingFits
        /// What may run cannot be loaded, the last that was tried for this.
        case notLoaded(LifecycleFailure)
        /// The adapter was shut down.
        case closed
        /// No roll-out runs on this line.
        case noRollout
        /// The catalogue has no such variant.
        case unknownVariant
    }

    /// What is wrong.
    public let code: Code
    /// The digest or line that it is about; empty if there is none.
    public let subject: String
}

/// What an adapter is doing, for health checks and people.
public struct AdapterStatus: Sendable {
    /// One variant that was asked for.
    public struct Variant: Sendable, Hashable {
        /// Digest of the artifact.
        public let digest: String
        /// What people call it.
        public let reference: String
        /// How far it is.
        public let phase: VariantPhase
        /// Leases that are out.
        public let users: Int
        /// Why it failed last; nil if it did not.
        public let failure: LifecycleFailure?
    }

    /// Revision of the source that is served.
    public let revision: UInt64
    /// Every variant that was asked for and not forgotten, by reference.
    public let variants: [Variant]
    /// Bytes of what is loaded, being loaded, or not yet unloaded.
    public let heldBytes: Int
    /// Leases of a selected model that was there.
    public let hits: Int
    /// Requests whose selected model was not there, whoever served in its place.
    public let misses: Int
    /// Variants that made room for others.
    public let evictions: Int
    /// Roll-outs, by line.
    public let rollouts: [Rollout]
    /// What the source said last, if it could not be read; nil if all is well.
    public let sourceFailure: SourceError?

    /// Share of leases whose model was there; 0 before the first.
    public var hitRate: Double {
        hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses)
    }
}
