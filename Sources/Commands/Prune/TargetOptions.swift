import ArgumentParser
import Contexts
import Pruning
import VariantStore

/// The options that say what to prune for.
struct TargetOptions: ParsableArguments {
    @Option(
        name: [.long, .short],
        help: ArgumentHelp("A profile; may be repeated, for one variant each.", valueName: "file"),
        completion: .file())
    var profile: [String] = []

    @Option(
        help: ArgumentHelp(
            "A line of the budget, as mac-fraction=0.5; may be repeated. In place of a profile's line, or without a profile.",
            valueName: "line=limit"))
    var budget: [String] = []

    @Option(
        help: ArgumentHelp("What is removed: channel, weight or channel,weight.", valueName: "what")
    )
    var granularity: String?

    @Option(
        help: ArgumentHelp(
            "How importance is told: \(CriterionRegistry.names.joined(separator: ", ")); with --calibration also \(CriterionRegistry.calibratedNames.joined(separator: ", ")).",
            valueName: "name"))
    var criterion: String?

    @Option(
        help: ArgumentHelp(
            "What is done to make up for what was removed: auto, none, means, merge or reconstruction. By default reconstruction with --calibration and merge without.",
            valueName: "kind"))
    var recovery: String?

    @Option(
        help: ArgumentHelp(
            "Layers to leave alone, as 'stem*'; may be repeated.", valueName: "pattern"))
    var protect: [String] = []

    @Option(
        help: ArgumentHelp(
            "Which weights become zero: unstructured, 2:4 or 1:4.", valueName: "pattern"))
    var weightPattern: String?

    @Option(help: ArgumentHelp("Where weights are compared: global or layer.", valueName: "scope"))
    var weightScope: String?

    @Option(
        help: ArgumentHelp(
            "How weights are stored: none, deflate, or deflate:1 (fast) to deflate:12 (small).",
            valueName: "kind"))
    var compression: String?

    init() {}

    func validate(hasPlan: Bool) throws {
        guard !profile.isEmpty || !budget.isEmpty || hasPlan else {
            throw ValidationError(
                "Nothing to prune for: give --profile, --budget (as mac-fraction=0.5) or --plan.")
        }
    }

    /// One context for each profile, or one from the command line alone.
    func contexts() throws -> [PruningContext] {
        let names = profile
        if names.isEmpty {
            let empty = Profile(name: "pruned", budget: Budget())
            return [try context(empty, CostModel(device: nil, network: nil, table: nil))]
        }
        let contexts = try names.map { path in
            let file = try ProfileFile(path: path)
            var context = try context(file.profile, file.costModel)
            context.digests = (
                FileDigest(of: file.bytes), file.tableBytes.map { FileDigest(of: $0) }
            )
            return context
        }
        var seen: Set<String> = []
        for context in contexts where !seen.insert(context.profile.name).inserted {
            throw CommandFailure(
                .usage,
                "two profiles are named '\(context.profile.name)'; their outputs would clash")
        }
        return contexts
    }

    private func context(_ profile: Profile, _ costModel: CostModel) throws -> PruningContext {
        let profile = try overriding(profile)
        let name = criterion ?? profile.pruning.criterion.rawValue
        if !CriterionRegistry.calibratedNames.contains(name) {
            _ = try CriterionRegistry.criterion(named: name)
        }
        return PruningContext(profile: profile, criterion: name, costModel: costModel)
    }

    private func overriding(_ profile: Profile) throws -> Profile {
        var profile = profile
        for line in budget { try Self.apply(line, to: &profile.budget) }
        if let granularity {
            profile.pruning.granularity = try granularity.split(separator: ",").map { word in
                try Self.choice("--granularity", String(word), PruningOptions.Granularity.self)
            }
        }
        profile.pruning.protect += protect.map { GlobPattern($0) }
        if let weightPattern {
            profile.pruning.weightPattern = try Self.choice(
                "--weight-pattern", weightPattern, PruningOptions.WeightPattern.self)
        }
        if let recovery {
            profile.pruning.recovery = try Self.choice(
                "--recovery", recovery, PruningOptions.Recovery.self)
        }
        if let weightScope {
            profile.pruning.weightScope = try Self.choice(
                "--weight-scope", weightScope, PruningOptions.WeightScope.self)
        }
        if let compression { try Self.applyCompression(compression, to: &profile.pruning) }
        return profile
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, _ word: String, _: Choice.Type
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "\(option) \(word): must be one of \(words)")
        }
        return choice
    }

    private static func apply(_ line: String, to budget: inout Budget) throws {
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        let keys = Budget.Key.allCases.map(\.rawValue).joined(separator: ", ")
        guard parts.count == 2, let key = Budget.Key(rawValue: parts[0]) else {
            throw CommandFailure(
                .usage, "--budget \(line): must be line=limit with a line of \(keys)")
        }
        guard let limit = Double(parts[1]), limit.isFinite, limit > 0, !key.isShare || limit <= 1
        else {
            let kind = key.isShare ? "a share above 0 and up to 1" : "a number above 0"
            throw CommandFailure(.usage, "--budget \(line): the limit must be \(kind)")
        }
        budget[key] = limit
    }

    private static func applyCompression(_ text: String, to options: inout PruningOptions) throws {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        options.compression = try choice(
            "--compression", parts.first ?? "", PruningOptions.Compression.self)
        guard parts.count == 2 else { return }
        guard options.compression == .deflate, let level = Int(parts[1]), (1...12).contains(level)
        else {
            throw CommandFailure(
                .usage, "--compression \(text): the level must be deflate:1 to deflate:12")
        }
        options.compressionLevel = level
    }
}

extension Budget.Key {
    /// Whether the line's limit is a share, 0 to 1.
    var isShare: Bool { unit.isEmpty }
}

/// A profile with what the command line changed, and its cost model.
struct PruningContext: Sendable {
    var profile: Profile
    /// As the command line or the profile names it.
    var criterion: String
    var costModel: CostModel
    /// Of the profile's file and its latency table's; nil where there is none.
    var digests: (profile: FileDigest?, table: FileDigest?) = (nil, nil)
}
