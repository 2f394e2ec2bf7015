/// A rule of profiles that no single key can be blamed for.
package enum ProfileRule: Equatable {
    /// A budget without a line.
    case emptyBudget
    /// A section that a budget line cannot be predicted without.
    case missingSection(neededBy: String)
    /// `peak-memory-mib` is more than the device's `memory-mib`.
    case memoryBudgetOverDevice(budget: Double, device: Double)
    /// `weight-sparsity` without weight granularity.
    case sparsityWithoutWeights
    /// `weight-sparsity` above what the weight pattern can reach.
    case sparsityOverPattern(sparsity: Double, pattern: String, reachable: Double)
    /// A key of weight pruning without weight granularity.
    case weightKeyWithoutWeights
    /// A key of channel pruning without channel granularity.
    case channelKeyWithoutChannels
    /// `mac-fraction` or `parameter-fraction` without channel granularity.
    case fractionWithoutChannels
    /// `compression-level` with `compression: none`.
    case levelWithoutCompression
}

extension ProfileRule: DocumentRule {
    package var sentence: String {
        switch self {
        case .emptyBudget:
            "the budget needs at least one line, such as inference-ms or file-kib"
        case .missingSection(let neededBy):
            "the section is missing, and \(neededBy) cannot be predicted without it"
        case .memoryBudgetOverDevice(let budget, let device):
            "\(budget.brief) MiB is more than device.memory-mib, which is \(device.brief)"
        case .sparsityWithoutWeights:
            "zero weights are asked for, but pruning.granularity does not list weight"
        case .sparsityOverPattern(let sparsity, let pattern, let reachable):
            "\(sparsity.brief) cannot be reached with pruning.weight-pattern \(pattern), which"
                + " makes \(reachable.brief) of a kernel zero"
        case .weightKeyWithoutWeights:
            "the key has no effect, because pruning.granularity does not list weight"
        case .channelKeyWithoutChannels:
            "the key has no effect, because pruning.granularity does not list channel"
        case .fractionWithoutChannels:
            "only removing channels lowers this, but pruning.granularity does not list channel"
        case .levelWithoutCompression:
            "the key has no effect, because pruning.compression is none"
        }
    }
}
