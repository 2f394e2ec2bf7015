/// Says which task of a model may begin, and with how many threads: a state machine without threads of its own.
///
/// Tasks begin in their order. One that needs more memory than is left waits, and those behind it
/// with it, so that none waits for ever; if nothing else runs it begins whatever it needs.
struct BatchAdmission: Sendable {
    /// A task that may begin.
    struct Start: Sendable, Equatable {
        var index: Int
        /// At least 1.
        var threads: Int
    }

    /// Bytes that each task needs.
    private let needs: [Int]
    /// How many tasks may run at the same time.
    private let most: Int
    private var freeThreads: Int
    /// Negative where a task was let in although it needs more.
    private var freeBytes: Int
    private var next = 0
    private var running: [Int: Int] = [:]

    /// - Parameters:
    ///   - needs: bytes that each task needs at most.
    ///   - residentBytes: of what all of them share.
    ///   - most: how many may run at the same time.
    init(needs: [Int], residentBytes: Int, limits: BatchLimits, most: Int = .max) {
        self.needs = needs
        self.most = most
        freeThreads = max(limits.threads, 1)
        freeBytes = limits.memoryBytes - residentBytes
    }

    /// Whether all tasks have begun and ended.
    var isDone: Bool { next == needs.count && running.isEmpty }

    /// The next task that may begin now; nil if one that runs must end first, or all have begun.
    mutating func start() -> Start? {
        let fitting = fittingCount
        guard fitting > 0 else { return nil }
        // Threads are shared out among those that could begin now; the last ones get what is left.
        let start = Start(index: next, threads: max(1, freeThreads / fitting))
        freeThreads -= start.threads
        freeBytes -= needs[next]
        running[next] = start.threads
        next += 1
        return start
    }

    /// Takes back what a task had.
    mutating func end(_ index: Int) {
        guard let threads = running.removeValue(forKey: index) else { return }
        freeThreads += threads
        freeBytes += needs[index]
    }

    /// How many of the next tasks could begin together.
    private var fittingCount: Int {
        var (count, bytes) = (0, freeBytes)
        while next + count < needs.count, count < freeThreads, running.count + count < most {
            bytes -= needs[next + count]
            guard bytes >= 0 else { break }
            count += 1
        }
        let isStuck = count == 0 && running.isEmpty && next < needs.count
        return isStuck ? 1 : count
    }
}
