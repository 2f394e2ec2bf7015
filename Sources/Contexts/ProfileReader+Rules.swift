extension ProfileReader {
    /// Checks what no single key can: that sections are there when a budget needs them, and that
    /// values do not contradict each other.
    mutating func checkRules() {
        if ProfileKey.keys(of: .budget).allSatisfy({ document.content.lines[$0.path] == nil }) {
            document.report(ProfileRule.emptyBudget, at: "budget")
        }
        require(.device, for: "budget.inference-ms")
        require(.network, for: "budget.load-ms")
        let pruning = pruning()
        for (key, rule) in budget().contradictions(
            with: pruning, deviceMemoryMiB: document.content.number("device.memory-mib"))
        {
            contradict("budget.\(key.rawValue)", rule)
        }
        if !pruning.granularity.contains(.weight) {
            contradict("pruning.weight-pattern", .weightKeyWithoutWeights)
            contradict("pruning.weight-scope", .weightKeyWithoutWeights)
        }
        if !pruning.granularity.contains(.channel) {
            contradict("pruning.minimum-channels", .channelKeyWithoutChannels)
            contradict("pruning.minimum-fraction", .channelKeyWithoutChannels)
        }
        if pruning.compression == .none {
            contradict("pruning.compression-level", .levelWithoutCompression)
        }
    }

    private mutating func require(_ section: ProfileKey.Section, for key: String) {
        guard let line = document.content.lines[key],
            document.content.lines[section.rawValue] == nil
        else { return }
        document.report(
            .rule(ProfileRule.missingSection(neededBy: key)), line: line, key: section.rawValue)
    }

    /// Reports a broken rule at a key, if the profile has the key.
    private mutating func contradict(_ key: String, _ rule: ProfileRule) {
        guard let line = document.content.lines[key] else { return }
        document.report(.rule(rule), line: line, key: key)
    }

    // MARK: The profile

    /// The profile of the checked values; `nil` if one is missing that a profile cannot be without.
    func profile() -> Profile? {
        guard let name = document.content.text("name") else { return nil }
        return Profile(
            name: name, description: document.content.text("description") ?? "", device: device(),
            network: network(), budget: budget(), pruning: pruning())
    }

    private func device() -> Device? {
        guard let runtime = document.content.text("device.runtime"),
            let peak = document.content.number("device.peak-gflops"),
            let bandwidth = document.content.number("device.memory-bandwidth-gbps")
        else { return nil }
        return Device(
            runtime: runtime, peakGflops: peak, memoryBandwidthGBps: bandwidth,
            memoryMiB: document.content.number("device.memory-mib"),
            channelMultiple: document.content.integer("device.channel-multiple") ?? 1,
            layerOverheadUs: document.content.number("device.layer-overhead-us") ?? 0,
            decodeMiBPerSecond: document.content.number("device.decode-mib-per-s")
                ?? Device.defaultDecodeMiBPerSecond,
            latencyTable: document.content.text("device.latency-table"))
    }

    private func network() -> Network? {
        guard let bandwidth = document.content.number("network.bandwidth-mbps"),
            let roundTrip = document.content.number("network.round-trip-ms")
        else { return nil }
        return Network(bandwidthMbps: bandwidth, roundTripMs: roundTrip)
    }

    private func budget() -> Budget {
        var budget = Budget()
        budget.override(with: document.content, at: "budget")
        return budget
    }

    private func pruning() -> PruningOptions {
        var options = PruningOptions()
        options.override(with: document.content, at: "pruning")
        return options
    }
}

extension Budget {
    /// Takes the lines that a document's section has.
    package mutating func override(with content: DocumentContent, at section: String) {
        for key in Key.allCases {
            self[key] = content.number("\(section).\(key.rawValue)") ?? self[key]
        }
    }
}

extension PruningOptions {
    /// Takes what a document's section says in place of what stands here; `protect` is added to.
    package mutating func override(with content: DocumentContent, at section: String) {
        if let names = content.list("\(section).granularity") {
            granularity = names.compactMap(Granularity.init(rawValue:))
        }
        protect += (content.list("\(section).protect") ?? []).map { GlobPattern($0) }
        criterion = content.choice("\(section).criterion") ?? criterion
        recovery = content.choice("\(section).recovery") ?? recovery
        weightPattern = content.choice("\(section).weight-pattern") ?? weightPattern
        weightScope = content.choice("\(section).weight-scope") ?? weightScope
        compression = content.choice("\(section).compression") ?? compression
        minimumChannels = content.integer("\(section).minimum-channels") ?? minimumChannels
        minimumFraction = content.number("\(section).minimum-fraction") ?? minimumFraction
        compressionLevel = content.integer("\(section).compression-level") ?? compressionLevel
    }
}
