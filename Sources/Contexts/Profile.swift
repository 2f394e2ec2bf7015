/// A device, a network, a budget, and how to prune: what a variant is made for.
///
/// A value of this type has passed every check of `ProfileReader`.
package struct Profile: Sendable, Equatable, Codable {
    /// Identifies the profile and its variants: lower-case letters, digits and hyphens.
    package var name: String
    /// One sentence for people; may be empty.
    package var description: String
    /// Present whenever the budget has `inference-ms`.
    package var device: Device?
    /// Present whenever the budget has `load-ms`.
    package var network: Network?
    /// The budget as the profile states it; `limits` is what a variant must keep.
    package var budget: Budget
    package var pruning: PruningOptions

    /// The version of the profile format that this code reads.
    package static let currentSchema = 1

    package init(
        name: String, description: String = "", device: Device? = nil, network: Network? = nil,
        budget: Budget, pruning: PruningOptions = PruningOptions()
    ) {
        self.name = name
        self.description = description
        self.device = device
        self.network = network
        self.budget = budget
        self.pruning = pruning
    }

    /// The budget with what the device itself limits: without a `peak-memory-mib` of its own, the
    /// budget takes the device's `memory-mib`.
    package var limits: Budget {
        var limits = budget
        limits.peakMemoryMiB = limits.peakMemoryMiB ?? device?.memoryMiB
        return limits
    }
}
