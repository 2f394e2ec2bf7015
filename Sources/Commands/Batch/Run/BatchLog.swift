import Foundation
import Synchronization

/// Says on standard error how a batch goes on: one line that changes where a person is looking, else a
/// line for each task that ends.
final class BatchLog: Sendable {
    private struct State {
        var total = 0
        var done = 0
        /// What is going on, in the order in which it began.
        var current: [String] = []
    }

    private let isQuiet: Bool
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter isTerminal: nil asks the system.
    init(
        isQuiet: Bool, isTerminal: Bool? = nil,
        write: @escaping @Sendable (String) -> Void = {
            FileHandle.standardError.write(Data($0.utf8))
        }
    ) {
        self.isQuiet = isQuiet
        self.isTerminal =
            isTerminal ?? (isatty(FileHandle.standardError.fileDescriptor) == 1)
        self.write = write
    }

    /// For what works on one thing at a time: tasks that run beside others must not show theirs.
    var quietProgress: Progress { Progress(isQuiet: true) }

    /// Begins counting to the number of tasks.
    func begin(total: Int) { state.withLock { $0.total = total } }

    /// Runs something that takes a while, and shows what it is meanwhile.
    func showing<Result>(_ text: String, _ body: () throws -> Result) rethrows -> Result {
        change { $0.current.append(text) }
        defer {
            change { state in
                if let index = state.current.firstIndex(of: text) {
                    state.current.remove(at: index)
                }
            }
        }
        return try body()
    }

    /// A task has ended.
    func ended(_ result: TaskResult) {
        change { $0.done += 1 }
        guard !isTerminal else { return }
        let (done, total) = state.withLock { ($0.done, $0.total) }
        note("\(done)/\(total) \(result.sentence)")
    }

    /// Leaves a line that stays.
    func note(_ text: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            write(isTerminal ? "\r\u{1B}[K\(text)\n" : "\(text)\n")
            show(state)
        }
    }

    /// Removes the line.
    func clear() {
        state.withLock { state in
            state.current = []
            if isTerminal, !isQuiet { write("\r\u{1B}[K") }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            show(state)
        }
    }

    /// Under the lock, so that lines do not mix.
    private func show(_ state: State) {
        guard isTerminal, !isQuiet, !state.current.isEmpty else { return }
        let shown = state.current.prefix(2).joined(separator: ", ")
        let more = state.current.count > 2 ? " and \(state.current.count - 2) more" : ""
        write("\r\u{1B}[K\(state.done) of \(state.total) done; \(shown)\(more)…")
    }
}
