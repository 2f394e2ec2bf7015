import Dispatch
import Synchronization

/// Calls `body` for every index below `count`, on ``Workers/count`` threads; indices are handed out in order.
package func concurrentForEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(Workers.count, count)
    guard workers > 1 else {
        for index in 0..<count { body(index) }
        return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body(index)
        }
    }
}

/// What `body` gives for every index below `count`, computed on ``Workers/count`` threads, in the order of the indices.
package func concurrentMap<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    guard count > 1 else { return (0..<count).map(body) }
    let results = Mutex([Result?](repeating: nil, count: count))
    concurrentForEach(count) { index in
        let result = body(index)
        results.withLock { $0[index] = result }
    }
    return results.withLock { $0 }.compactMap(\.self)
}

/// What `body` gives for each element, computed on ``Workers/count`` threads, in the elements' order.
package func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
    concurrentMap(elements.count) { body(elements[$0]) }
}

/// Calls `body` for every index below `count`, each thread with a state of its own, on at most
/// ``Workers/mostStates`` threads.
///
/// Indices are handed out in order; after a failure no more are.
///
/// - Throws: what the failing call with the lowest index threw.
package func concurrentForEach<State>(
    _ count: Int, state: @Sendable () -> State, _ body: @Sendable (Int, inout State) throws -> Void
) throws {
    let next = Atomic<Int>(0)
    let failure = Mutex<(index: Int, error: any Error)?>(nil)
    let workers = min(Workers.count, Workers.mostStates, count)
    guard workers > 0 else { return }
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        var state = state()
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            do {
                try body(index, &state)
            } catch {
                failure.withLock {
                    if $0.map({ index < $0.index }) ?? true { $0 = (index, error) }
                }
                next.store(count, ordering: .relaxed)
                return
            }
        }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
}
