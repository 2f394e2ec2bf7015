import Metrics

/// What predictions are counted and timed by.
struct PredictionMetrics: Sendable {
    private let met: Counter
    private let missed: Counter
    private let refusals: [String: Counter]
    private let others: Counter
    private let waiting: Metrics.Timer
    private let inference: Metrics.Timer

    init(factory: any MetricsFactory) {
        func counter(_ outcome: String) -> Counter {
            Counter(label: "predictions", dimensions: [("outcome", outcome)], factory: factory)
        }
        met = counter("met")
        missed = counter("missed")
        others = counter("failed")
        let codes = [
            "busy", "deadline-too-short", "not-loaded", "bad-sample", "no-such-accuracy",
            "no-such-model",
        ]
        refusals = Dictionary(uniqueKeysWithValues: codes.map { ($0, counter($0)) })
        waiting = Metrics.Timer(
            label: "prediction_queue_duration", dimensions: [], factory: factory)
        inference = Metrics.Timer(
            label: "prediction_inference_duration", dimensions: [], factory: factory)
    }

    func answered(_ prediction: Prediction) {
        (prediction.totalMs <= prediction.deadlineMs ? met : missed).increment()
        waiting.recordNanoseconds(Int64(max(prediction.waitedMs, 0) * 1e6))
        inference.recordNanoseconds(Int64(max(prediction.inferenceMs, 0) * 1e6))
    }

    func refused(_ code: String?) { (code.flatMap { refusals[$0] } ?? others).increment() }
}
