public import RuntimeAdapter

/// What every ``ObservationStore`` must keep to, as a suite that its author runs.
///
/// ```swift
/// @Test func keepsToTheProtocol() async throws {
///     try await ObservationStoreTest(store: MyStore(folder), reopen: { MyStore(folder) }).run()
/// }
/// ```
public struct ObservationStoreTest: Sendable {
    /// What a store does not keep to.
    public struct Violation: Error, Sendable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    private let store: any ObservationStore
    private let reopen: (@Sendable () async throws -> any ObservationStore)?
    private let keepsContexts: Bool

    /// - Parameters:
    ///   - store: nothing was saved in it.
    ///   - reopen: the same place as another process would open it; nil if nothing survives the store.
    ///   - keepsContexts: whether it stores contexts, too.
    public init(
        store: some ObservationStore,
        reopen: (@Sendable () async throws -> any ObservationStore)? = nil,
        keepsContexts: Bool = true
    ) {
        self.store = store
        self.reopen = reopen
        self.keepsContexts = keepsContexts
    }

    /// Everything.
    ///
    /// - Throws: ``Violation``, or what the store throws.
    public func run() async throws {
        try await nothingIsThereAtFirst()
        try await whatWasSavedIsLoaded()
        try await aSaveReplacesTheOneBefore()
        try await anythingMayBeInTexts()
        try await savesAtOnceLeaveOneOfThem()
        if keepsContexts { try await contextsAreKept() }
    }

    /// A new store has nothing.
    public func nothingIsThereAtFirst() async throws {
        let learned = try await store.load()
        try expect(learned == nil, "a new store has something learned")
        guard keepsContexts else { return }
        let contexts = try await store.loadContexts()
        try expect(contexts == nil, "a new store has contexts")
    }

    /// What comes back is what was saved, to the last digit, whoever opens the place.
    public func whatWasSavedIsLoaded() async throws {
        let state = Self.state(40)
        try await store.save(state)
        try await expect(state, "what is loaded is not what was saved")
        let empty = PerformanceState(schema: PerformanceState.currentSchema, cells: [])
        try await store.save(empty)
        try await expect(empty, "an empty state is not kept")
    }

    /// Of cells that change, come and go, only the last state is there.
    public func aSaveReplacesTheOneBefore() async throws {
        var state = Self.state(60)
        try await store.save(state)
        state.cells.removeSubrange(10..<20)
        for index in 0..<5 { state.cells[index].mean += 0.125 }
        state.cells.append(Self.cell(1000))
        try await store.save(state)
        try await expect(Self.sorted(state), "a save does not replace the one before")
        try await store.save(state)
        try await expect(Self.sorted(state), "the same save again changes something")
    }

    /// Names may have any characters.
    public func anythingMayBeInTexts() async throws {
        var state = PerformanceState(schema: PerformanceState.currentSchema, cells: [])
        for text in ["", "'; DROP TABLE cells; --", "ä\u{0301}\u{1F600}", "a\u{0}b", "%_\"\n"] {
            var cell = Self.cell(state.cells.count)
            (cell.deviceClass, cell.digest) = (text, text + "x")
            state.cells.append(cell)
        }
        try await store.save(state)
        try await expect(Self.sorted(state), "a text does not come back as it was")
    }

    /// Of saves at once, one is there in the end, and whole.
    public func savesAtOnceLeaveOneOfThem() async throws {
        let states = (1...8).map { Self.state($0 * 3) }
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for state in states { group.addTask { try await store.save(state) } }
            try await group.waitForAll()
        }
        let loaded = try await store.load()
        try expect(
            states.contains { Self.sorted($0) == loaded.map(Self.sorted) },
            "saves at once leave a mixture")
    }

    /// Contexts come back as they were saved, and do not touch what was learned.
    public func contextsAreKept() async throws {
        let learned = Self.state(3)
        try await store.save(learned)
        for count in [5, 0, 12] {
            let state = Self.contexts(count)
            try await store.saveContexts(state)
            let loaded = try await store.loadContexts()
            try expect(loaded == state, "contexts do not come back as they were")
            guard let reopen else { continue }
            let again = try await reopen().loadContexts()
            try expect(again == state, "contexts do not survive the store")
        }
        try await expect(learned, "saving contexts changes what was learned")
    }

    // MARK: Samples

    private static func cell(_ number: Int) -> PerformanceState.Cell {
        PerformanceState.Cell(
            quantity: number % 2 == 0 ? .load : .inference, deviceClass: "class=\(number % 7)",
            digest: "sha256:\(number)", mean: 0.1 * Double(number), variance: 1 / 3,
            weight: Double(number % 64), trustedWeight: 0, clients: number % 16)
    }

    private static func state(_ count: Int) -> PerformanceState {
        sorted(
            PerformanceState(
                schema: PerformanceState.currentSchema, cells: (0..<count).map(cell)))
    }

    /// The order of cells is the store's own.
    private static func sorted(_ state: PerformanceState) -> PerformanceState {
        var state = state
        state.cells.sort {
            ($0.deviceClass, $0.digest, $0.quantity.rawValue)
                < ($1.deviceClass, $1.digest, $1.quantity.rawValue)
        }
        return state
    }

    private static func contexts(_ count: Int) -> ContextHistogramState {
        ContextHistogramState(
            halfLifeMs: 604_800_000, ageMs: 1234.5,
            rows: (0..<count).map { number in
                ContextHistogramState.Row(
                    context: RequestContext(
                        model: "net", device: RequestContext.Device(deviceClass: "c\(number)"),
                        network: RequestContext.Network(
                            bandwidthMbps: Estimate(11.3, deviation: 2.825),
                            roundTripMs: Estimate(64)),
                        loadDeadlineMs: Double(number) * 100, accuracyFloor: 0.905),
                    weight: 1 / Double(number + 1))
            }.sorted { $0.key < $1.key })
    }

    private func expect(_ state: PerformanceState, _ description: String) async throws {
        let loaded = try await store.load()
        try expect(loaded.map(Self.sorted) == Self.sorted(state), description)
        guard let reopen else { return }
        let again = try await reopen().load()
        try expect(
            again.map(Self.sorted) == Self.sorted(state), description + ", once reopened")
    }

    private func expect(
        _ condition: @autoclosure () throws -> Bool, _ description: String
    ) throws {
        guard try condition() else { throw Violation(description: description) }
    }
}
