import Synchronization

/// What a prediction takes beside waiting and inference: reading the request, choosing, writing the answer.
///
/// A moving mean of what was observed. One that took much longer than usual moves it by a bounded step.
final class Overhead: Sendable {
    private let mean = Mutex(0.0)

    /// Expected, in milliseconds; 0 before the first observation.
    var ms: Double { mean.withLock { $0 } }

    /// Takes an observation in, in milliseconds; what is no time is left out.
    func observe(_ ms: Double) {
        guard ms >= 0, ms.isFinite else { return }
        mean.withLock { mean in
            mean += 0.1 * (min(ms, 4 * mean + 0.5) - mean)
        }
    }
}
