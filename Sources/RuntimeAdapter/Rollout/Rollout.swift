/// A new version of a line on its way into service, beside the old one.
///
/// A value: clients and observations in, decisions out. Which client gets which version depends on its key,
/// the line and the share alone, so it stays the same across restarts and servers, and who has the
/// new version keeps it when the share grows.
///
/// Errors, and answers over the latency limit, of the new version each go through a sequential test
/// (``RolloutPlan`` has the bounds) of the share that is allowed against twice that share.
public struct Rollout: Sendable, Hashable {
    /// Where the roll-out stands.
    public enum Stage: Sendable, Hashable {
        /// Both versions serve, by the plan.
        case running
        /// The new version serves everybody.
        case promoted
        /// The old version serves everybody.
        case rolledBack(Cause)
    }

    /// Why a version was rolled back.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Somebody said so.
        case request
        /// It failed too often.
        case errors
        /// It was too slow too often.
        case latency
    }

    /// What a client gets.
    public enum Arm: String, Sendable, Hashable, CaseIterable {
        /// The old version.
        case old
        /// The new version.
        case new
        /// The old version, and the new one to run beside it.
        case shadow
    }

    /// The line, such as `fashion-mobilenet/phone-4g`.
    public let line: String
    /// Digest of the version that served before.
    public let old: String
    /// Digest of the version that is to serve.
    public let new: String
    /// How it comes into service.
    public private(set) var plan: RolloutPlan
    /// Where it stands.
    public private(set) var stage = Stage.running
    /// Observations of the new version that counted.
    public private(set) var observations = 0
    private var errors: SequentialTest
    private var slow: SequentialTest
    private var perClient: [UInt64: Int] = [:]

    private static let mostClients = 16_384

    /// A roll-out that starts.
    public init(line: String, from old: String, to new: String, plan: RolloutPlan = RolloutPlan()) {
        self.line = line
        self.old = old
        self.new = new
        self.plan = plan
        errors = SequentialTest(
            fine: plan.errorShare, limit: 2 * plan.errorShare, error: plan.falseAlarms)
        slow = SequentialTest(
            fine: plan.slowShare, limit: 2 * plan.slowShare, error: plan.falseAlarms)
    }

    /// What a client gets; one without a key gets the old version while the roll-out runs.
    public func arm(for client: String?) -> Arm {
        switch (stage, plan.mode) {
        case (.promoted, _): .new
        case (.rolledBack, _): .old
        case (.running, .shadow): .shadow
        case (.running, .canary(let share)):
            client.map { Self.position(of: $0, on: line) < share } ?? false ? .new : .old
        }
    }

    /// Where a client stands on a line, from 0 to below 1.
    static func position(of client: String, on line: String) -> Double {
        Double(StableHash.of(line + "\u{0}" + client) >> 11) / Double(1 << 53)
    }

    /// Gives the new version to another share of the clients; what was observed stays.
    public mutating func widen(to share: Double) {
        guard stage == .running else { return }
        plan = RolloutPlan(
            .canary(share: share), latencyMs: plan.latencyMs, slowShare: plan.slowShare,
            errorShare: plan.errorShare, leastObservations: plan.leastObservations,
            mostPerClient: plan.mostPerClient, falseAlarms: plan.falseAlarms,
            promotesItself: plan.promotesItself)
    }

    /// Takes an answer of the new version in.
    ///
    /// - Parameters:
    ///   - latencyMs: how long it took; what is no time says nothing about latency.
    ///   - client: whose it was; nil for what the server itself saw, which is not bounded.
    /// - Returns: the stage, if this changed it.
    public mutating func record(latencyMs: Double?, failed: Bool, client: String?) -> Stage? {
        guard stage == .running, counts(client) else { return nil }
        observations += 1
        errors.add(failed)
        if let limit = plan.latencyMs, let latencyMs, latencyMs >= 0, latencyMs < .infinity {
            slow.add(latencyMs > limit)
        }
        guard observations >= plan.leastObservations else { return nil }
        if errors.isBroken {
            stage = .rolledBack(.errors)
        } else if slow.isBroken {
            stage = .rolledBack(.latency)
        } else if plan.promotesItself, errors.isFine, plan.latencyMs == nil || slow.isFine {
            stage = .promoted
        } else {
            return nil
        }
        return stage
    }

    private mutating func counts(_ client: String?) -> Bool {
        guard let client else { return true }
        let key = StableHash.of(client)
        let before = perClient[key, default: 0]
        // A crowd of new keys is no reason to forget whose share is used up.
        guard before < plan.mostPerClient, before > 0 || perClient.count < Self.mostClients else {
            return false
        }
        perClient[key] = before + 1
        return true
    }

    /// Gives the new version to everybody.
    public mutating func promote() { stage = .promoted }

    /// Gives the old version to everybody.
    public mutating func rollBack() { stage = .rolledBack(.request) }
}

extension CandidateDescription {
    /// What its versions have in common: the reference without its version.
    public var line: String {
        switch kind {
        case .base: model + ":base"
        case .variant: String(reference.prefix { $0 != ":" })
        }
    }
}
