package import Contexts

/// The profile that a variant was made for, with all settings as they were in force.
package struct ProfileRecord: Sendable, Equatable, Codable {
    package var name: String
    package var description: String
    /// SHA-256 of the profile's file; nil if the command line alone said what to prune for.
    ///
    /// Where the command line changed a line, the settings below say what was in force.
    package var sha256: String?
    /// SHA-256 of the latency table's file.
    package var latencyTableSHA256: String?
    package var device: Device?
    package var network: Network?
    /// Each line with its limit and what was achieved.
    package var budget: [BudgetLine]
    /// The criterion as it was named, with its seed.
    package var criterion: String
    package var pruning: PruningOptions

    /// - Parameters:
    ///   - profile: as in force.
    ///   - digests: of the profile's file and of its latency table's.
    package init(
        _ profile: Profile, budget: [BudgetLine], criterion: String,
        digests: (profile: FileDigest?, table: FileDigest?)
    ) {
        name = profile.name
        description = profile.description
        sha256 = digests.profile?.sha256
        latencyTableSHA256 = digests.table?.sha256
        device = profile.device
        network = profile.network
        self.budget = budget
        self.criterion = criterion
        pruning = profile.pruning
        let family = criterion.prefix { $0 != ":" }
        pruning.criterion = Criterion(rawValue: String(family)) ?? pruning.criterion
    }

    enum CodingKeys: String, CodingKey {
        case name, description, sha256, device, network, budget, criterion, pruning
        case latencyTableSHA256 = "latency-table-sha256"
    }
}

/// What became of the constants of removed channels at one layer.
package struct FoldRecord: Sendable, Equatable, Codable {
    package var layer: String
    /// The weight that took them; nil if none could.
    package var into: String?
    package var largestShift: Double
    /// Bound of the difference near padded borders.
    package var largestEdge: Double
    package var isExact: Bool

    package init(
        layer: String, into: String?, largestShift: Double, largestEdge: Double, isExact: Bool
    ) {
        self.layer = layer
        self.into = into
        self.largestShift = largestShift
        self.largestEdge = largestEdge
        self.isExact = isExact
    }

    enum CodingKeys: String, CodingKey {
        case layer, into
        case largestShift = "largest-shift"
        case largestEdge = "largest-edge"
        case isExact = "exact"
    }
}
