package import CoreMetrics
import Dispatch
package import Hummingbird
import Metrics
import Synchronization

/// Counts requests by route, method and status, and times them until their answer begins.
///
/// Labels are of bounded sets: routes as they were declared, four methods, statuses that exist.
package struct RequestMetrics: RouterMiddleware {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Pair: Sendable {
        let counter: Counter
        let timer: Metrics.Timer
    }

    private final class Known: Sendable {
        let pairs = Mutex<[Key: Pair]>([:])
    }

    private let factory: any MetricsFactory
    private let known = Known()

    /// A middleware that stands before all others.
    package init(_ factory: any MetricsFactory) { self.factory = factory }

    /// Answers, and counts it.
    package func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = DispatchTime.now().uptimeNanoseconds
        let response = try await next(request, context)
        let method =
            switch request.method {
            case .get, .head, .post: request.method.rawValue
            default: "other"
            }
        let pair = pair(
            Key(
                route: context.endpointPath ?? "none", method: method, status: response.status.code)
        )
        pair.counter.increment()
        pair.timer.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - start))
        return response
    }

    private func pair(_ key: Key) -> Pair {
        known.pairs.withLock { pairs in
            if let pair = pairs[key] { return pair }
            let route = ("route", key.route)
            let pair = Pair(
                counter: Counter(
                    label: "http_requests",
                    dimensions: [route, ("method", key.method), ("status", String(key.status))],
                    factory: factory),
                timer: Metrics.Timer(
                    label: "http_request_duration", dimensions: [route], factory: factory))
            pairs[key] = pair
            return pair
        }
    }
}
