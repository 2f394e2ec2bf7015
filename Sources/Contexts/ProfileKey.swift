/// One key of the profile format: where it stands, what it may hold, and what that means.
///
/// `ProfileKey.all` is the format: the reader, the published JSON Schema and `docs/profiles.md` are
/// held to it.
package struct ProfileKey: Sendable, Equatable {
    /// The mappings of a profile.
    package enum Section: String, Sendable, CaseIterable {
        case device, network, budget, pruning
    }

    /// What a value may be.
    ///
    /// Ranges include both ends.
    package enum Kind: Sendable, Equatable {
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int>)
        case text(TextRule)
        case choice([String])
        /// A list of different choices, at least one.
        case choices([String])
        /// A list of layer name patterns.
        case patterns(atMost: Int)
    }

    /// The section that holds the key; `nil` for the profile itself.
    package let section: Section?
    package let name: String
    package let kind: Kind
    /// The unit of a number in words, such as `in milliseconds`.
    package let unit: String?
    /// Whether the section (or the profile) must have the key.
    package let isRequired: Bool

    init(
        _ section: Section?, _ name: String, _ kind: Kind, unit: String? = nil,
        isRequired: Bool = false
    ) {
        self.section = section
        self.name = name
        self.kind = kind
        self.unit = unit
        self.isRequired = isRequired
    }

    /// The key with its section, such as `budget.inference-ms`.
    package var path: String { Self.path(section, name) }

    private static func path(_ section: Section?, _ name: String) -> String {
        DocumentSection.path(section?.rawValue ?? "", name)
    }

    /// The keys of a section, in the order of the documentation.
    package static func keys(of section: Section?) -> [ProfileKey] {
        all.filter { $0.section == section }
    }

    /// Every key of the format.
    package static let all: [ProfileKey] = top + device + network + budget + pruning

    private static let top = [
        ProfileKey(nil, "schema", .integer(1...Profile.currentSchema), isRequired: true),
        ProfileKey(nil, "name", .text(.name), isRequired: true),
        ProfileKey(nil, "description", .text(.prose)),
    ]

    private static let device = [
        ProfileKey(.device, "runtime", .text(.label), isRequired: true),
        ProfileKey(
            .device, "peak-gflops", .number(0.001...1_000_000),
            unit: "in 10⁹ floating-point operations per second", isRequired: true),
        ProfileKey(
            .device, "memory-bandwidth-gbps", .number(0.001...100_000),
            unit: "in 10⁹ bytes per second", isRequired: true),
        ProfileKey(.device, "memory-mib", .number(0.0625...16_777_216), unit: "in MiB"),
        ProfileKey(.device, "channel-multiple", .integer(1...1024), unit: "in channels"),
        ProfileKey(.device, "layer-overhead-us", .number(0...1_000_000), unit: "in microseconds"),
        ProfileKey(
            .device, "decode-mib-per-s", .number(0.01...1_000_000), unit: "in MiB per second"),
        ProfileKey(.device, "latency-table", .text(.relativePath)),
    ]

    private static let network = [
        ProfileKey(
            .network, "bandwidth-mbps", .number(0.001...1_000_000), unit: "in 10⁶ bits per second",
            isRequired: true),
        ProfileKey(
            .network, "round-trip-ms", .number(0...60_000), unit: "in milliseconds",
            isRequired: true),
    ]

    private static let budget = [
        ProfileKey(.budget, "inference-ms", .number(0.001...3_600_000), unit: "in milliseconds"),
        ProfileKey(.budget, "load-ms", .number(0.001...3_600_000), unit: "in milliseconds"),
        ProfileKey(.budget, "file-kib", .number(1...1_073_741_824), unit: "in KiB"),
        ProfileKey(.budget, "peak-memory-mib", .number(0.0625...16_777_216), unit: "in MiB"),
        ProfileKey(.budget, "mac-fraction", .number(0.001...1), unit: "as a share of 1"),
        ProfileKey(.budget, "parameter-fraction", .number(0.001...1), unit: "as a share of 1"),
        ProfileKey(.budget, "weight-sparsity", .number(0.001...0.999), unit: "as a share of 1"),
        ProfileKey(.budget, "max-accuracy-drop", .number(0...1), unit: "as a share of 1"),
    ]

    private static let pruning = [
        ProfileKey(.pruning, "granularity", .choices(names(PruningOptions.Granularity.self))),
        ProfileKey(.pruning, "criterion", .choice(names(Criterion.self))),
        ProfileKey(.pruning, "recovery", .choice(names(PruningOptions.Recovery.self))),
        ProfileKey(.pruning, "protect", .patterns(atMost: 1000)),
        ProfileKey(.pruning, "minimum-channels", .integer(1...65_536), unit: "in channels"),
        ProfileKey(.pruning, "minimum-fraction", .number(0...1), unit: "as a share of 1"),
        ProfileKey(.pruning, "weight-pattern", .choice(names(PruningOptions.WeightPattern.self))),
        ProfileKey(.pruning, "weight-scope", .choice(names(PruningOptions.WeightScope.self))),
        ProfileKey(.pruning, "compression", .choice(names(PruningOptions.Compression.self))),
        ProfileKey(.pruning, "compression-level", .integer(1...12)),
    ]

    private static func names<T: CaseIterable & RawRepresentable>(_: T.Type) -> [String]
    where T.RawValue == String {
        T.allCases.map(\.rawValue)
    }
}

extension ProfileKey {
    /// The format as the reader of documents knows it.
    package static let root = DocumentSection(
        keys: documentKeys(of: nil),
        sections: Section.allCases.map { DocumentSection($0.rawValue, keys: documentKeys(of: $0)) })

    /// The keys of a section for documents that hold such a section too.
    package static func documentKeys(of section: Section?) -> [DocumentKey] {
        keys(of: section).map { key in
            DocumentKey(
                key.name, key.kind.ofDocument, unit: key.unit, isRequired: key.isRequired)
        }
    }
}

extension ProfileKey.Kind {
    fileprivate var ofDocument: DocumentKey.Kind {
        switch self {
        case .number(let range): .number(range)
        case .integer(let range): .integer(range)
        case .text(let rule): .text(rule)
        case .choice(let allowed): .choice(allowed)
        case .choices(let allowed): .choices(allowed)
        case .patterns(let limit): .texts(.pattern, atMost: limit, mayBeEmpty: true)
        }
    }
}
