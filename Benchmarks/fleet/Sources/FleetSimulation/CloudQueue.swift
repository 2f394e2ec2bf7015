/// Cores of a cloud that serve whoever came first.
package struct CloudQueue {
    private var freeAtMs: [Double]
    /// Milliseconds of work so far, of all cores together.
    package private(set) var busyMs = 0.0

    /// - Parameter workers: at least one core.
    package init(workers: Int) {
        freeAtMs = Array(repeating: 0, count: max(1, workers))
    }

    /// A request that arrives; those before it arrived no later.
    ///
    /// - Returns: when its answer is ready, in milliseconds.
    package mutating func serve(arrivingAtMs: Double, serviceMs: Double) -> Double {
        var first = 0
        for index in freeAtMs.indices where freeAtMs[index] < freeAtMs[first] { first = index }
        let start = max(arrivingAtMs, freeAtMs[first])
        freeAtMs[first] = start + serviceMs
        busyMs += serviceMs
        return start + serviceMs
    }
}
