import RuntimeAdapter
import Synchronization
import Testing

/// A model that knows what it was loaded from, and whether it was unloaded.
final class TestModel: Sendable {
    let digest: String
    let content: [UInt8]
    private let gone = Mutex(false)

    init(digest: String, content: [UInt8]) {
        self.digest = digest
        self.content = content
    }

    var isGone: Bool {
        get { gone.withLock { $0 } }
        set { gone.withLock { $0 = newValue } }
    }
}

/// Loads at once, unless it is told to throw or to hang.
final class TestLoader: VariantLoader {
    struct Refusal: Error {}

    enum Behaviour: Sendable {
        case loads
        case fails
        case failsWarming
        /// Until ``TestLoader/letGo()``, whether it is cancelled or not.
        case hangs
    }

    private struct State {
        var behaviours: [String: Behaviour] = [:]
        var held: [CheckedContinuation<Void, Never>] = []
        var loads: [String: Int] = [:]
        var unloads = 0
        var running: Set<String> = []
        var overlaps = 0
    }

    private let state = Mutex(State())

    func behave(_ behaviour: Behaviour, for digest: String) {
        state.withLock { $0.behaviours[digest] = behaviour }
    }

    func loads(of digest: String) -> Int { state.withLock { $0.loads[digest, default: 0] } }
    var unloads: Int { state.withLock { $0.unloads } }
    /// How often one digest was loaded twice at a time.
    var overlaps: Int { state.withLock { $0.overlaps } }
    var heldCount: Int { state.withLock { $0.held.count } }

    /// Lets everything that hangs go on.
    func letGo() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func load(_ file: VariantFile) async throws -> TestModel {
        let digest = file.candidate.digest
        let behaviour = state.withLock { state in
            state.loads[digest, default: 0] += 1
            if !state.running.insert(digest).inserted { state.overlaps += 1 }
            return state.behaviours[digest] ?? .loads
        }
        defer { state.withLock { _ = $0.running.remove(digest) } }
        switch behaviour {
        case .loads, .failsWarming: break
        case .fails: throw Refusal()
        case .hangs:
            await withCheckedContinuation { continuation in
                state.withLock { $0.held.append(continuation) }
            }
        }
        return TestModel(digest: digest, content: try file.bytes())
    }

    func warmUp(_ model: TestModel) async throws {
        let behaviour = state.withLock { $0.behaviours[model.digest] }
        if case .failsWarming? = behaviour { throw Refusal() }
    }

    func unload(_ model: TestModel) async {
        model.isGone = true
        state.withLock { $0.unloads += 1 }
    }
}

/// Lets other tasks run until something is so; fails if it never is.
func until(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async -> Bool
) async {
    for _ in 0..<200_000 {
        if await condition() { return }
        await Task.yield()
    }
    Issue.record("never: \(what)", sourceLocation: sourceLocation)
}
