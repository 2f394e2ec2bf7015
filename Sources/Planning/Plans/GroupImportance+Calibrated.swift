import Foundation
package import Pruning

extension GroupImportance {
    /// What an early group's loss counts beside that of the last one.
    ///
    /// Layers behind a loss are fitted to make up for it, which measuring one group at a time does not see. Chosen on validation images:
    /// at 1.5 to 4 times fewer multiply-adds, it lowers the divergence of recovered networks by 3 to 9 %.
    private static let earliest = 0.5

    /// Importance measured on calibration data.
    package init(_ measured: CalibratedImportance, _ criterion: CalibratedImportance.Criterion) {
        let count = Double(max(measured.groups.count, 1))
        let curves: [ImportanceCurve]? =
            switch criterion {
            case .outputDivergence:
                measured.groups.enumerated().map { index, group in
                    let weight = pow(Self.earliest, 1 - Double(index) / count)
                    return Self.curve(losses: group.divergences.map { weight * $0 })
                }
            case .reconstruction: measured.groups.map { Self.curve(losses: $0.lossesByWidth) }
            case .activationL2: nil
            }
        self.init(
            criterion: criterion.rawValue,
            scores: measured.groups.map {
                criterion == .activationL2 ? Self.normalized($0.activations) : $0.scores
            }, curves: curves)
    }

    /// - Parameter losses: at each width from 0 to all units.
    private static func curve(losses: [Double]) -> ImportanceCurve {
        ImportanceCurve(kept: losses.map { (losses.first ?? 0) - $0 })
    }

    /// With the mean 1, as criteria give them.
    private static func normalized(_ scores: [Double]) -> [Double] {
        let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
        return mean > 0 ? scores.map { $0 / mean } : scores.map { _ in 1 }
    }
}
