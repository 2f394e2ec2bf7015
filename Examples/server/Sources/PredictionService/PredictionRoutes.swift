package import Hummingbird
package import RuntimeAdapter
package import Serving

/// The route of a server that predicts.
package struct PredictionRoutes: Sendable {
    private let predictor: Predictor
    private let keys: ClientKeys
    private let bodyBytes: Int
    private let deadlineMs: Double

    /// - Parameters:
    ///   - bodyBytes: the largest body.
    ///   - deadlineMs: what counts for a request without `Deadline-Ms`.
    package init(_ predictor: Predictor, keys: ClientKeys, bodyBytes: Int, deadlineMs: Double) {
        self.predictor = predictor
        self.keys = keys
        self.bodyBytes = bodyBytes
        self.deadlineMs = deadlineMs
    }

    /// Adds the route.
    package func add(to router: RouterGroup<ServerContext>) {
        router.post("predict") { request, context in
            // From here on: the time that the sample takes to come in counts, too.
            let cameMs = predictor.nowMs
            let prediction = try await PredictionRequest(
                request, bodyBytes: bodyBytes, defaultDeadlineMs: deadlineMs)
            return try await predictor.predict(
                prediction, cameMs: cameMs, client: keys.key(of: request, context)
            ).response(prediction.form)
        }
    }

    /// Lines that are loaded at once and stay: the smallest first, as many as a budget holds.
    package static func pinnedLines(
        of catalogue: VariantCatalogue, loader: NetworkLoader, budgetBytes: Int
    ) -> Set<String> {
        var (lines, left) = (Set<String>(), budgetBytes)
        let candidates = catalogue.candidates.filter { $0.trust == .accepted }
        for candidate in candidates.sorted(by: { loader.bytes(of: $0) < loader.bytes(of: $1) }) {
            left -= loader.bytes(of: candidate)
            guard left >= 0 else { break }
            lines.insert(candidate.line)
        }
        return lines
    }
}
