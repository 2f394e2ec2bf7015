extension Budget {
    /// Lines that cannot be kept the way it is pruned, or on the device, whatever the network is.
    ///
    /// - Parameter deviceMemoryMiB: the device's memory; `nil` where it has no limit.
    package func contradictions(
        with pruning: PruningOptions, deviceMemoryMiB: Double?
    ) -> [(key: Key, rule: ProfileRule)] {
        var found: [(key: Key, rule: ProfileRule)] = []
        if let budget = peakMemoryMiB, let device = deviceMemoryMiB, budget > device {
            found.append(
                (.peakMemoryMiB, .memoryBudgetOverDevice(budget: budget, device: device)))
        }
        if let sparsity = weightSparsity {
            let pattern = pruning.weightPattern
            if !pruning.granularity.contains(.weight) {
                found.append((.weightSparsity, .sparsityWithoutWeights))
            } else if let reachable = pattern.sparsity, sparsity > reachable {
                found.append(
                    (
                        .weightSparsity,
                        .sparsityOverPattern(
                            sparsity: sparsity, pattern: pattern.rawValue, reachable: reachable)
                    ))
            }
        }
        if !pruning.granularity.contains(.channel) {
            for key in [Key.macFraction, .parameterFraction] where self[key] != nil {
                found.append((key, .fractionWithoutChannels))
            }
        }
        return found
    }
}

extension Profile {
    /// Lines of the budget that cannot be kept, or not be predicted, in this profile.
    ///
    /// None in a profile that was read; some may be where others changed what it says.
    package var contradictions: [(key: Budget.Key, rule: ProfileRule)] {
        var found = budget.contradictions(with: pruning, deviceMemoryMiB: device?.memoryMiB)
        if budget.inferenceMs != nil, device == nil {
            found.append((.inferenceMs, .missingSection(neededBy: "budget.inference-ms")))
        }
        if budget.loadMs != nil, network == nil {
            found.append((.loadMs, .missingSection(neededBy: "budget.load-ms")))
        }
        return found
    }
}
