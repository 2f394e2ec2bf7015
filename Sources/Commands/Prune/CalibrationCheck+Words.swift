import Foundation
import Pruning

extension CalibrationCheck {
    /// What a person should know, one sentence each.
    func sentences(_ samples: DatasetSamples) -> [String] {
        var sentences: [String] = []
        var dead: [String] = []
        var deficient: [String] = []
        for warning in warnings {
            switch warning {
            case .fewSamples(let count, let least):
                sentences.append(
                    "only \(Self.count(count)): give at least \(least), better 500 to 2,000")
            case .fewRows(let layer, let rows, let features):
                sentences.append(
                    "'\(layer)' sees \(rows) places for \(features) inputs: what so few cannot tell stays as it is; more samples help"
                )
            case .constantSamples(let count, let first):
                sentences.append(
                    "\(Self.count(count)) hold one number throughout, the first is number \(samples.number(first))"
                )
            case .duplicatedSamples(let count, let first, let original):
                sentences.append(
                    "\(Self.count(count)) repeat others: number \(samples.number(first)) is number \(samples.number(original)) again"
                )
            case .deadChannels(let layer, let count, let all):
                dead.append("\(layer) (\(count) of \(all))")
            case .rankDeficient(let layer, let rank, let features):
                deficient.append("\(layer) (\(rank) of \(features))")
            case .statisticsDisagree(let worst, let layers):
                sentences.append(
                    "the samples are not what the network was trained on: at \(layers == 1 ? "1 batch normalisation" : "\(layers) batch normalisations") the "
                        + "statistics disagree, most at '\(worst.layer)', where means are off by \(Self.figure(worst.meanShift)) variances and variances by a factor of "
                        + "\(Self.factor(worst.varianceRatio)); check scaling and preprocessing")
            }
        }
        if !dead.isEmpty {
            sentences.append(
                "inputs that never vary on these samples: \(InspectReport.abridged(dead))")
        }
        if !deficient.isEmpty {
            sentences.append(
                "inputs that follow from others on these samples (rank): \(InspectReport.abridged(deficient))"
            )
        }
        return sentences
    }

    private static func count(_ count: Int) -> String {
        count == 1 ? "1 sample" : "\(count) samples"
    }

    private static func figure(_ value: Double) -> String { Measure.significant(value) }

    /// A squared logarithm as a factor of at least 1.
    private static func factor(_ square: Double) -> String {
        Measure.significant(exp(square.squareRoot()))
    }
}
