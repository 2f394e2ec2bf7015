import HTTPTypes
package import Metrics
package import RuntimeAdapter
import Serving

/// Finds for each sample the variant that can still answer in time, runs it, and learns from how long that took.
package struct Predictor: Sendable {
    private let adapter: RuntimeAdapter<ServedNetwork>
    private let pool: WorkerPool
    private let metrics: PredictionMetrics
    private let overhead = Overhead()

    /// A predictor over an adapter's networks.
    package init(
        _ adapter: RuntimeAdapter<ServedNetwork>, pool: WorkerPool, metrics: any MetricsFactory
    ) {
        self.adapter = adapter
        self.pool = pool
        self.metrics = PredictionMetrics(factory: metrics)
    }

    /// Milliseconds on the clock that deadlines are counted on.
    var nowMs: Double { pool.nowMs }

    /// Predicts.
    ///
    /// - Parameters:
    ///   - cameMs: when the request came in, by ``nowMs``.
    ///   - client: what tells clients apart in roll-outs.
    /// - Throws: ``Problem``: 503 if no variant can answer in time, 422 for a sample or floor that none can serve.
    func predict(
        _ request: PredictionRequest, cameMs: Double, client: String
    ) async throws -> Prediction {
        do {
            let prediction = try await attempt(request, cameMs: cameMs, client: client)
            metrics.answered(prediction)
            return prediction
        } catch {
            metrics.refused((error as? Problem)?.code)
            throw error
        }
    }

    private func attempt(
        _ request: PredictionRequest, cameMs: Double, client: String
    ) async throws -> Prediction {
        // When the network has to be done, so that the rest can be done in time.
        let endMs = cameMs + request.deadlineMs - overhead.ms
        let waitMs = pool.waitMs
        var context = ClientContext(
            model: request.model, device: .init(deviceClass: ServerCapability.deviceClass),
            inferenceDeadlineMs: max(endMs - nowMs - waitMs, 0),
            accuracyFloor: request.accuracyFloor, client: client)
        try refuse(context, waitMs: waitMs)
        let lease = try await lease(for: context, endMs: endMs)
        defer { lease.release() }
        // Waiting for a model to be loaded may have taken a part of the time.
        context.inferenceDeadlineMs = max(endMs - nowMs - pool.waitMs, 0)
        let predicted = try predictedMs(of: lease, in: context)
        let network = lease.model
        guard request.sample.count == network.inputCount else {
            throw Problem(
                .unprocessableContent, "bad-sample",
                "The network takes \(network.inputCount) numbers of shape \(network.inputShape), given are \(request.sample.count)."
            )
        }
        guard request.sample.allSatisfy(\.isFinite) else {
            throw Problem(
                .unprocessableContent, "bad-sample", "The sample has values that are no numbers.")
        }
        let (outputs, inferenceMs, waitedMs) = try await run(
            network, request.sample, predictedMs: predicted ?? 0, endMs: endMs,
            report: { inferenceMs, failed in
                adapter.observe(
                    PerformanceReport(
                        context: context, digest: lease.candidate.digest,
                        inferenceMs: inferenceMs, isTrusted: true), failed: failed)
            })
        let totalMs = nowMs - cameMs
        overhead.observe(totalMs - inferenceMs - waitedMs)
        return Prediction(
            outputs: outputs, shape: network.outputShape, candidate: lease.candidate,
            predictedMs: predicted, waitedMs: waitedMs, inferenceMs: inferenceMs,
            totalMs: totalMs, deadlineMs: request.deadlineMs)
    }

    // MARK: Choosing

    /// Says no where nothing can answer in time or as well as asked for.
    private func refuse(_ context: ClientContext, waitMs: Double) throws(Problem) {
        let selection = adapter.select(context)
        guard selection.step != .fits else { return }
        var unhurried = context
        unhurried.inferenceDeadlineMs = nil
        switch adapter.select(unhurried).reason {
        case .noSuchModel:
            throw Problem(
                .notFound, "no-such-model",
                "There is no such model, or there are several and ?model= names none.")
        case .noneFits:
            throw Problem(
                .unprocessableContent, "no-such-accuracy",
                "No variant is as accurate as Accuracy-Floor asks for.")
        case .mostAccurate, .moreAccurateRejected: break
        }
        var atOnce = context
        atOnce.inferenceDeadlineMs = (context.inferenceDeadlineMs ?? 0) + waitMs
        if waitMs > 0, adapter.select(atOnce).step == .fits {
            throw Self.busy(waitMs)
        }
        throw Problem(
            .serviceUnavailable, "deadline-too-short",
            "No variant answers within Deadline-Ms on this server.")
    }

    private static func busy(_ waitMs: Double) -> Problem {
        Problem(
            .serviceUnavailable, "busy", "The queue is too long for any variant to answer in time."
        ).retryAfter(seconds: waitMs / 1000)
    }

    /// A loaded network, waited for no longer than until the deadline.
    private func lease(
        for context: ClientContext, endMs: Double
    ) async throws -> Lease<ServedNetwork> {
        let adapter = adapter
        let left = Duration.milliseconds(max(endMs - nowMs, 0))
        let notLoaded = Problem(
            .serviceUnavailable, "not-loaded", "No variant that may answer is loaded yet."
        ).retryAfter(seconds: 1)
        return try await withThrowingTaskGroup(of: Lease<ServedNetwork>?.self) { group in
            group.addTask {
                do { return try await adapter.lease(for: context) } catch is AdapterError {
                    return nil
                }
            }
            group.addTask {
                try? await Task.sleep(for: left)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let lease = first else { throw notLoaded }
            return lease
        }
    }

    /// What a leased network is predicted to take; nil if nothing is predicted.
    ///
    /// - Throws: ``Problem`` if that is too long now.
    private func predictedMs(
        of lease: Lease<ServedNetwork>, in context: ClientContext
    ) throws(Problem) -> Double? {
        let assessments = adapter.explain(context).assessments
        let own = assessments.first { $0.candidate.digest == lease.candidate.digest }
        // A version that is superseded is in no catalogue; it is as fast as its successor.
        let assessment =
            own ?? assessments.first { $0.candidate.line == lease.candidate.line }
        guard assessment?.fits ?? true else {
            throw Problem(
                .serviceUnavailable, "not-loaded",
                "The variant that answers in time is not loaded yet."
            ).retryAfter(seconds: 1)
        }
        return assessment?.inference?.meanMs
    }

    // MARK: Running

    private func run(
        _ network: ServedNetwork, _ sample: [Float], predictedMs: Double, endMs: Double,
        report: (_ inferenceMs: Double?, _ failed: Bool) -> Void
    ) async throws -> (outputs: [Float], inferenceMs: Double, waitedMs: Double) {
        do {
            let (result, waitedMs) = try await pool.run(
                predictedMs: predictedMs, deadlineMs: endMs
            ) {
                let start = ContinuousClock.now
                let outputs = try network.predict(sample)
                return (outputs, start.duration(to: .now) / .milliseconds(1))
            }
            report(result.1, false)
            return (result.0, result.1, waitedMs)
        } catch let refusal as WorkerPool.Refusal {
            switch refusal {
            case .full, .late: throw Self.busy(pool.waitMs)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            report(nil, true)
            throw error
        }
    }
}
