import Contexts
import OrderedJSON
import VariantStore

/// Two variants side by side.
struct VariantComparison {
    let before: StoredVariant
    let after: StoredVariant

    /// Whether both are one artifact, under whatever names.
    var isSame: Bool { before.version.digest == after.version.digest }

    /// What both are predicted to take in one context.
    struct Prediction {
        /// The profile's name.
        let context: String
        /// Milliseconds of one inference; nil without a device.
        let inference: (before: Double, after: Double)?
        /// Milliseconds of a first download and decoding; nil without a network.
        let load: (before: Double, after: Double)?
    }

    /// In the contexts of both profiles; one if they are the same.
    var predictions: [Prediction] {
        let (one, other) = (before.manifest.profile, after.manifest.profile)
        guard one.device == other.device, one.network == other.network,
            one.latencyTableSHA256 == other.latencyTableSHA256
        else { return [prediction(for: one), prediction(for: other)] }
        // What was recorded knows the latency table, if there is one.
        return [
            Prediction(
                context: one.name == other.name ? one.name : "\(one.name) and \(other.name)",
                inference: Self.pair(
                    before.manifest.costs.after.inferenceMs, after.manifest.costs.after.inferenceMs),
                load: Self.pair(
                    before.manifest.costs.after.loadMs, after.manifest.costs.after.loadMs))
        ]
    }

    private func prediction(for profile: ProfileRecord) -> Prediction {
        let model = CostModel(device: profile.device, network: profile.network)
        let (one, other) = (
            model.costs(of: before.manifest.workload), model.costs(of: after.manifest.workload)
        )
        return Prediction(
            context: profile.name, inference: Self.pair(one.inferenceMs, other.inferenceMs),
            load: Self.pair(one.loadMs, other.loadMs))
    }

    private static func pair(_ one: Double?, _ other: Double?) -> (before: Double, after: Double)? {
        guard let one, let other else { return nil }
        return (one, other)
    }

    /// Measured on one machine in the same way.
    struct Measured {
        let machine: MeasurementRecord.Machine
        let before: MeasurementRecord.Latency
        let after: MeasurementRecord.Latency
    }

    /// Where both were measured with as many threads on as large a batch.
    var measured: [Measured] {
        before.measurements.compactMap { one in
            let other = after.measurements.first {
                $0.machine == one.machine && $0.threads == one.threads && $0.batch == one.batch
            }
            return other.map {
                Measured(machine: one.machine, before: one.variant, after: $0.variant)
            }
        }
    }

    /// A channel group in both.
    struct Widths {
        let group: String
        /// Units in the base; of the later variant's base, if they differ.
        let base: Int
        /// nil where that variant's plan does not name the group.
        let before: Int?
        let after: Int?
        /// Whether the very same units stay.
        let isSame: Bool
    }

    /// All groups that either plan names.
    var widths: [Widths] {
        let others = Dictionary(
            before.groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let groups = after.groups
        var widths = groups.map { group in
            let other = others[group.name]
            return Widths(
                group: group.name, base: group.before, before: other?.after, after: group.after,
                isSame: other == group)
        }
        let names = Set(groups.map(\.name))
        widths += before.groups.filter { !names.contains($0.name) }.map {
            Widths(
                group: $0.name, base: $0.before, before: $0.after, after: nil, isSame: false)
        }
        return widths
    }
}
