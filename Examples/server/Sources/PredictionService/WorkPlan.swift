/// What a pool of workers has to do, and how long whoever comes now would wait: a value without clock or thread.
///
/// Work is begun in the order in which it came. A running piece that takes longer than predicted counts as
/// about to end.
struct WorkPlan: Sendable {
    private let workers: Int
    private let mostWaiting: Int
    /// When each is predicted to end, in milliseconds.
    private var running: [UInt64: Double] = [:]
    private var waiting: [(id: UInt64, ms: Double)] = []
    private var lastID: UInt64 = 0

    /// A plan without work; fewer than one worker, or less than no room, count as that.
    init(workers: Int, mostWaiting: Int) {
        self.workers = max(workers, 1)
        self.mostWaiting = max(mostWaiting, 0)
    }

    /// Whether there is nothing to do.
    var isEmpty: Bool { running.isEmpty && waiting.isEmpty }

    /// How many pieces wait.
    var waitingCount: Int { waiting.count }

    /// Milliseconds until a piece that comes now would begin, if predictions are right.
    func waitMs(atMs now: Double) -> Double {
        var ends = running.values.map { max($0, now) }
        ends += Array(repeating: now, count: max(workers - ends.count, 0))
        for piece in waiting {
            guard let first = ends.indices.min(by: { ends[$0] < ends[$1] }) else { break }
            ends[first] += piece.ms
        }
        return (ends.min() ?? now) - now
    }

    /// Puts a piece at the end; nil if no more may wait.
    ///
    /// - Parameter ms: how long it is predicted to run.
    mutating func admit(ms: Double) -> UInt64? {
        guard running.count + waiting.count < workers + mostWaiting else { return nil }
        lastID += 1
        waiting.append((lastID, max(ms, 0)))
        return lastID
    }

    /// A worker has begun a piece.
    mutating func begin(_ id: UInt64, atMs now: Double) {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
        running[id] = now + waiting.remove(at: place).ms
    }

    /// A piece is done, or given up before it began.
    mutating func end(_ id: UInt64) {
        running[id] = nil
        waiting.removeAll { $0.id == id }
    }
}
