/// How long one thing took each time that it was repeated.
///
/// Machines are shared and noisy: the median is what to quote, and its interval says how well it is known.
package struct LatencyStatistics: Hashable, Sendable {
    /// Microseconds, ascending; at least one.
    package let samples: [Double]

    /// - Parameter samples: microseconds in any order; an empty list counts as one sample of 0.
    package init(_ samples: [Double]) {
        self.samples = samples.isEmpty ? [0] : samples.sorted()
    }

    /// The value that a share of the samples does not exceed, between neighbours in proportion.
    package func quantile(_ share: Double) -> Double {
        let place = min(max(share, 0), 1) * Double(samples.count - 1)
        let low = Int(place)
        let high = min(low + 1, samples.count - 1)
        return samples[low] + (samples[high] - samples[low]) * (place - Double(low))
    }

    package var median: Double { quantile(0.5) }
    package var minimum: Double { samples[0] }

    /// Median distance from the median.
    package var medianDeviation: Double {
        let center = median
        return LatencyStatistics(samples.map { ($0 - center).magnitude }).median
    }

    /// Samples so far above the median that something else must have run: 5 robust standard deviations, and a quarter.
    package var outlierCount: Int {
        // 1.4826 times the median deviation is the standard deviation of a normal distribution.
        let limit = median + max(5 * 1.4826 * medianDeviation, median / 4)
        return samples.reduce(0) { $0 + ($1 > limit ? 1 : 0) }
    }

    /// Half the width of the median's 95 % interval as a share of it; infinite for too few samples.
    ///
    /// Source: order statistics of the binomial distribution, ranks `n / 2 ± 0.98 √n` (Conover, "Practical Nonparametric
    /// Statistics", 3.2).
    package var uncertainty: Double {
        let count = Double(samples.count)
        let reach = 0.98 * count.squareRoot()
        guard count / 2 - reach >= 0, median > 0 else { return .infinity }
        let low = samples[Int(count / 2 - reach)]
        let high = samples[min(Int((count / 2 + reach).rounded(.up)), samples.count - 1)]
        return (high - low) / 2 / median
    }
}

/// How often something is repeated to tell how long it takes.
package struct RepetitionPolicy: Hashable, Sendable {
    /// Runs that are not counted, at the start.
    package var warmUps = 2
    package var fewest = 10
    package var most = 200
    /// No further run begins after that, once there are three.
    package var seconds = 2.0
    /// Enough when the median is known to this share of itself.
    package var uncertainty = 0.01

    package init() {}

    /// Repeats until the median is known well enough, or time or patience end.
    ///
    /// - Parameter body: one run; gives the microseconds that count.
    package func repeating<Failure: Error>(
        _ body: () throws(Failure) -> Double
    ) throws(Failure) -> LatencyStatistics {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<warmUps { _ = try body() }
        var samples: [Double] = []
        while samples.count < max(most, 1) {
            samples.append(try body())
            let isLate = start.duration(to: clock.now) > .seconds(seconds)
            if isLate, samples.count >= min(3, most) { break }
            // Sorting at every run would take longer than short runs do.
            guard samples.count >= fewest, samples.count % 10 == 0 else { continue }
            if LatencyStatistics(samples).uncertainty <= uncertainty { break }
        }
        return LatencyStatistics(samples)
    }
}

extension Duration {
    /// The duration in microseconds.
    package var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) * 1e-12
    }
}

extension PreparedModel {
    /// Measures how long one run takes, copying inputs in and outputs out included.
    package func latency(
        of inputs: [Tensor], policy: RepetitionPolicy = RepetitionPolicy()
    ) throws(ExecutionError) -> LatencyStatistics {
        let clock = ContinuousClock()
        return try policy.repeating { () throws(ExecutionError) in
            let start = clock.now
            _ = try run(inputs)
            return start.duration(to: clock.now).microseconds
        }
    }
}
