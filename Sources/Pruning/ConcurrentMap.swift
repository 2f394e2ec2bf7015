import Dispatch
import Synchronization

/// Works on `count` pieces on all cores; the results stand in the order of the pieces.
func concurrentMap<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { piece in
        let result = body(piece)
        results.withLock { $0[piece] = result }
    }
    return results.withLock { $0 }.compactMap(\.self)
}

/// The same for results that are made in any case, one after the other where there is only one.
func concurrentMapping<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    count == 1 ? [body(0)] : concurrentMap(count, body)
}
