/// What became of the requests of one run.
package struct Tally: Sendable, Equatable {
    /// Counts of a part of the requests.
    package struct Part: Sendable, Equatable {
        package var requests = 0
        package var answered = 0
        package var hits = 0
        package var latencyMs = 0.0
        package var accuracy = 0.0

        /// Share answered within the deadline.
        package var hitShare: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }
        /// Mean latency; what was not answered counts as long as somebody waited.
        package var meanMs: Double { requests == 0 ? 0 : latencyMs / Double(requests) }
        /// Mean accuracy of what answered.
        package var meanAccuracy: Double { answered == 0 ? 0 : accuracy / Double(answered) }
    }

    package var whole = Part()
    /// First answers of sessions.
    package var first = Part()
    package var live = Part()
    package var tap = Part()
    /// By class.
    package var classes = Array(repeating: Part(), count: FleetClass.all.count)
    /// By hour of the day.
    package var hours = Array(repeating: Part(), count: 24)
    /// Of every request, in the order in which they were done.
    package var latencies: [Float] = []
    /// Requests that the cloud answered.
    package var cloudAnswers = 0
    /// Milliseconds of the cloud's cores.
    package var cloudBusyMs = 0.0
    /// Bytes of variants and of inputs that moved.
    package var downloadedBytes = 0.0
    package var uploadedBytes = 0.0
    /// Changes of the variant that answers, of all clients.
    package var swaps = 0
    package var downloads = 0
    package var clients = 0

    package init() {}

    /// A latency that the given share of the requests does not exceed, in milliseconds.
    package func quantile(_ share: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        let sorted = latencies.sorted()
        return Double(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))])
    }

    /// One request is done: answered with a latency and an accuracy, or given up on after a latency.
    mutating func add(
        latencyMs: Double, accuracy: Double?, isHit: Bool, isFirst: Bool, isLive: Bool,
        classIndex: Int, hour: Int
    ) {
        func add(_ part: inout Part) {
            part.requests += 1
            part.latencyMs += latencyMs
            if let accuracy {
                part.answered += 1
                part.accuracy += accuracy
            }
            if isHit { part.hits += 1 }
        }
        add(&whole)
        if isFirst { add(&first) }
        if isLive { add(&live) } else { add(&tap) }
        add(&classes[classIndex])
        add(&hours[hour])
        latencies.append(Float(latencyMs))
    }
}
