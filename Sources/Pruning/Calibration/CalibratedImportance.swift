/// What a network's channels are worth to its output, measured on samples.
///
/// For each group: the order in which units are best given up while those who read them are fitted anew, and the divergence of the
/// network's outputs at some widths, with all other groups whole.
package struct CalibratedImportance: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        package var name: String
        package var size: Int
        /// Units in the order in which they go; those that never go are not in it.
        package var order: [Int]
        /// What the readers' outputs have lost when so many units are gone, as shares of their variances; starts with 0.
        package var losses: [Double]
        /// Widths at which the network was run, descending, and the divergence of its outputs there.
        package var measured: [Point]
        /// For each unit, the mean square of what its channels add to the outputs of those who read them.
        package var activations: [Double]
    }

    package struct Point: Hashable, Sendable {
        package var width: Int
        package var divergence: Double
    }

    package struct Options: Sendable {
        /// Samples that are run for each width, at most.
        package var samples = 1000
        /// Multiply-adds of all runs together, about; large networks are run on fewer samples and at fewer widths.
        package var workLimit = 3e13
        /// Shares of a group's units at which the network is run.
        package var shares = [0.9375, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]
        /// Rows of features for each site.
        package var rows = 60_000
        /// Relative to the mean square of the features.
        package var ridge = 1e-3
        package var byteLimit = 1 << 30

        package init() {}

        /// The same options with as many samples and widths as the work allows.
        ///
        /// Samples go down to 128 first, then widths to four, then samples to 32.
        /// - Parameter work: multiply-adds of running one sample at one width of every group.
        func limited(work: Double, samples count: Int) -> Self {
            var options = self
            options.samples = min(samples, count)
            func allowed(_ widths: Int) -> Int {
                Int(min(workLimit / max(work * Double(widths), 1), 1e9))
            }
            let few = [0.75, 0.5, 0.25, 0.125]
            if allowed(shares.count + 1) < min(128, options.samples), shares.count > few.count {
                options.shares = few
            }
            options.samples = max(
                min(options.samples, allowed(options.shares.count + 1)),
                min(32, options.samples))
            return options
        }
    }

    /// What the numbers can be asked for.
    package enum Criterion: String, CaseIterable, Sendable {
        /// The divergence of the network's outputs, as measured.
        case outputDivergence = "output-divergence"
        /// The readers' losses, after they were fitted anew.
        case reconstruction
        /// The norms of the kernels that read a channel, weighted with what goes through it.
        case activationL2 = "activation-l2"
    }

    /// In the order of the model's groups.
    package var groups: [Group]
    /// Samples that the divergences are means over.
    package var samples: Int
}

extension CalibratedImportance.Group {
    /// For each width from 0 to all units, what the readers have lost.
    package var lossesByWidth: [Double] {
        (0...size).map { losses.isEmpty ? 0 : losses[min(size - $0, losses.count - 1)] }
    }

    /// For each unit a value that grows in the order in which units should stay.
    package var scores: [Double] {
        var scores = [Double](repeating: Double(size), count: size)
        for (rank, unit) in order.enumerated() { scores[unit] = Double(rank) }
        return scores
    }

    /// The divergence at each width from 0 to all units.
    ///
    /// Between widths that were run, it goes the way the readers' losses go.
    package var divergences: [Double] {
        var curve = [Double](repeating: 0, count: size + 1)
        func loss(_ width: Int) -> Double {
            losses.isEmpty ? 0 : losses[min(max(size - width, 0), losses.count - 1)]
        }
        let points = [CalibratedImportance.Point(width: size, divergence: 0)] + measured
        for width in stride(from: size, through: 0, by: -1) {
            guard let above = points.last(where: { $0.width >= width }) else { continue }
            if let below = points.first(where: { $0.width < above.width }) {
                let span = loss(below.width) - loss(above.width)
                let share =
                    span > 0
                    ? (loss(width) - loss(above.width)) / span
                    : Double(above.width - width) / Double(above.width - below.width)
                curve[width] =
                    above.divergence + share * (below.divergence - above.divergence)
            } else {
                // Below what was run: on by the last slope, and twice as steep for each unit.
                let missing = Double(above.width - width) / Double(max(above.width, 1))
                curve[width] = above.divergence * (1 + 3 * missing)
            }
        }
        var highest = 0.0
        for width in stride(from: size, through: 0, by: -1) {
            highest = max(highest, curve[width])
            curve[width] = highest
        }
        return curve
    }
}
