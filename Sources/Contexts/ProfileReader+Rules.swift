extension ProfileReader {
    /// Checks what no single key can: that sections are there when a budget needs them, and that
    /// values do not contradict each other.
    mutating func checkRules() {
        if ProfileKey.keys(of: .budget).allSatisfy({ lines[$0.path] == nil }) {
            report(.key(.emptyBudget), line: lines["budget"], key: "budget")
        }
        require(.device, for: "budget.inference-ms")
        require(.network, for: "budget.load-ms")
        checkMemory()
        checkWeightKeys()
        checkChannelKeys()
        if text("pruning.compression") == PruningOptions.Compression.none.rawValue {
            contradict("pruning.compression-level", .levelWithoutCompression)
        }
    }

    private mutating func require(_ section: ProfileKey.Section, for key: String) {
        guard let line = lines[key], lines[section.rawValue] == nil else { return }
        report(.key(.missingSection(neededBy: key)), line: line, key: section.rawValue)
    }

    /// Reports a contradiction at a key, if the profile has the key.
    private mutating func contradict(_ key: String, _ contradiction: ProfileIssue.Contradiction) {
        guard let line = lines[key] else { return }
        report(.contradiction(contradiction), line: line, key: key)
    }

    private mutating func checkMemory() {
        guard let budget = number("budget.peak-memory-mib"),
            let device = number("device.memory-mib"), budget > device
        else { return }
        contradict(
            "budget.peak-memory-mib", .memoryBudgetOverDevice(budget: budget, device: device))
    }

    private mutating func checkWeightKeys() {
        if isWithout(.weight) {
            contradict("budget.weight-sparsity", .sparsityWithoutWeights)
            contradict("pruning.weight-pattern", .weightKeyWithoutWeights)
            contradict("pruning.weight-scope", .weightKeyWithoutWeights)
        } else if let pattern = text("pruning.weight-pattern"),
            let reachable = PruningOptions.WeightPattern(rawValue: pattern)?.sparsity,
            let sparsity = number("budget.weight-sparsity"), sparsity > reachable
        {
            contradict(
                "budget.weight-sparsity",
                .sparsityOverPattern(sparsity: sparsity, pattern: pattern, reachable: reachable))
        }
    }

    private mutating func checkChannelKeys() {
        guard isWithout(.channel) else { return }
        contradict("budget.mac-fraction", .fractionWithoutChannels)
        contradict("budget.parameter-fraction", .fractionWithoutChannels)
        contradict("pruning.minimum-channels", .channelKeyWithoutChannels)
        contradict("pruning.minimum-fraction", .channelKeyWithoutChannels)
    }

    /// Whether the profile lists granularities and leaves this one out.
    private func isWithout(_ granularity: PruningOptions.Granularity) -> Bool {
        list("pruning.granularity").map { !$0.contains(granularity.rawValue) } ?? false
    }

    // MARK: The profile

    /// The profile of the checked values; `nil` if one is missing that a profile cannot be without.
    func profile() -> Profile? {
        guard let name = text("name") else { return nil }
        var budget = Budget()
        for key in Budget.Key.allCases { budget[key] = number("budget.\(key.rawValue)") }
        return Profile(
            name: name, description: text("description") ?? "", device: device(),
            network: network(), budget: budget, pruning: pruning())
    }

    private func device() -> Device? {
        guard let runtime = text("device.runtime"),
            let peak = number("device.peak-gflops"),
            let bandwidth = number("device.memory-bandwidth-gbps")
        else { return nil }
        return Device(
            runtime: runtime, peakGflops: peak, memoryBandwidthGBps: bandwidth,
            memoryMiB: number("device.memory-mib"),
            channelMultiple: integer("device.channel-multiple") ?? 1,
            layerOverheadUs: number("device.layer-overhead-us") ?? 0,
            decodeMiBPerSecond: number("device.decode-mib-per-s")
                ?? Device.defaultDecodeMiBPerSecond,
            latencyTable: text("device.latency-table"))
    }

    private func network() -> Network? {
        guard let bandwidth = number("network.bandwidth-mbps"),
            let roundTrip = number("network.round-trip-ms")
        else { return nil }
        return Network(bandwidthMbps: bandwidth, roundTripMs: roundTrip)
    }

    private func pruning() -> PruningOptions {
        var options = PruningOptions()
        if let names = list("pruning.granularity") {
            options.granularity = names.compactMap(PruningOptions.Granularity.init(rawValue:))
        }
        if let names = list("pruning.protect") { options.protect = names.map(GlobPattern.init) }
        set(&options.criterion, "pruning.criterion")
        set(&options.recovery, "pruning.recovery")
        set(&options.weightPattern, "pruning.weight-pattern")
        set(&options.weightScope, "pruning.weight-scope")
        set(&options.compression, "pruning.compression")
        options.minimumChannels = integer("pruning.minimum-channels") ?? options.minimumChannels
        options.minimumFraction = number("pruning.minimum-fraction") ?? options.minimumFraction
        options.compressionLevel = integer("pruning.compression-level") ?? options.compressionLevel
        return options
    }

    private func set<T: RawRepresentable>(_ option: inout T, _ key: String)
    where T.RawValue == String {
        if let value = text(key).flatMap(T.init(rawValue:)) { option = value }
    }

    // MARK: Checked values by type

    private func number(_ key: String) -> Double? {
        if case .number(let value)? = values[key] { value } else { nil }
    }

    private func integer(_ key: String) -> Int? {
        if case .integer(let value)? = values[key] { value } else { nil }
    }

    private func text(_ key: String) -> String? {
        if case .text(let value)? = values[key] { value } else { nil }
    }

    private func list(_ key: String) -> [String]? {
        if case .list(let value)? = values[key] { value } else { nil }
    }
}
