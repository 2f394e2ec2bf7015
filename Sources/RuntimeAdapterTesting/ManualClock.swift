import Synchronization

/// A clock that stands still until it is told to go on, so that tests of time wait for nothing.
public final class ManualClock: Clock, Sendable {
    /// A moment on this clock: how long after it was made.
    public struct Instant: InstantProtocol {
        /// Since the clock was made.
        public let offset: Duration

        /// A moment.
        public init(offset: Duration) { self.offset = offset }

        /// The moment that much later.
        public func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        /// From this moment to another; negative if that is earlier.
        public func duration(to other: Instant) -> Duration { other.offset - offset }

        /// Whether a moment is before another.
        public static func < (one: Instant, two: Instant) -> Bool { one.offset < two.offset }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
    }

    private let state = Mutex(State())

    /// A clock at its beginning.
    public init() {}

    /// The moment that it shows.
    public var now: Instant { state.withLock { $0.now } }

    /// Nothing is between two moments.
    public var minimumResolution: Duration { .zero }

    /// How many tasks wait for it.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Returns when the clock was moved to the deadline.
    ///
    /// - Throws: `CancellationError` if the task is cancelled meanwhile.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let isOver { continuation.resume(with: isOver) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock, and wakes whoever waited for a moment up to the new one; back wakes nobody.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}
