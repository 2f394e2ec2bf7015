import Contexts
import Datasets

/// The format of a job file: the reader, the published JSON Schema and `docs/batch.md` are held to it.
enum JobFormat {
    /// The document as people call it.
    static let kind = DocumentKind(
        noun: "job", essentials: "schema, models and profiles",
        structure: "sections, lists of sections, and keys", documentation: "docs/batch.md")

    /// Everything that a job file may hold.
    static let root = DocumentSection(
        keys: [
            DocumentKey("schema", .integer(1...kind.schema), isRequired: true),
            DocumentKey("name", .text(.label)),
            DocumentKey("store", .text(.path)),
            DocumentKey("profiles", profiles),
            DocumentKey("tags", .texts(.reference, atMost: 16, mayBeEmpty: true)),
            DocumentKey("seed", .integer(0...(1 << 53))),
            DocumentKey("proof-inputs", .integer(0...1000)),
            DocumentKey("timing", .flag),
            DocumentKey("sign-key", .text(.path)),
        ],
        sections: [modelSection, settings, gates, limits])

    private static let profiles = DocumentKey.Kind.texts(.path, atMost: 1000)

    /// The keys of a model are the options of the command line.
    static let modelSection = DocumentSection(
        "models",
        keys: [
            DocumentKey("file", .text(.path), isRequired: true),
            DocumentKey("name", .text(.reference)),
            DocumentKey("topology", .text(.path)),
            DocumentKey("input-shape", .words(.label, atMost: 16)),
            DocumentKey("profiles", profiles),
            DocumentKey("calibration", .text(.path)),
            DocumentKey("calibration-samples", .integer(1...1_000_000_000)),
            DocumentKey("data", .text(.path)),
            DocumentKey("preprocessing", .text(.path)),
            DocumentKey("scale", .words(.label, atMost: 1)),
            DocumentKey("mean", .words(.label, atMost: 4096)),
            DocumentKey("standard-deviation", .words(.label, atMost: 4096)),
            DocumentKey("resize", .words(.label, atMost: 1)),
            DocumentKey("resize-method", .choice(names(Preprocessing.ResizeMethod.self))),
            DocumentKey("channel-order", .choice(names(Preprocessing.ChannelOrder.self))),
            DocumentKey("samples", .text(.path)),
            DocumentKey("labels", .text(.path)),
            DocumentKey("split", .choice(names(DatasetSplit.self))),
            DocumentKey("limit", .integer(1...1_000_000_000)),
            DocumentKey("strict", .flag),
        ],
        isRequired: true, most: 1000)

    /// What a profile may say about its budget and its pruning, under a name.
    private static let settings = DocumentSection(
        "settings",
        keys: [DocumentKey("name", .text(.reference))]
            + ProfileKey.documentKeys(of: .pruning),
        sections: [DocumentSection("budget", keys: ProfileKey.documentKeys(of: .budget))],
        most: 1000)

    private static let gates = DocumentSection(
        "gates",
        keys: [
            DocumentKey("min-accuracy", .number(0...1), unit: "as a share of 1"),
            DocumentKey("max-accuracy-loss", .number(0...1), unit: "as a share of 1"),
            DocumentKey("require-proof", .flag),
        ]
            + Gates.Growth.allCases.map {
                DocumentKey($0.rawValue, .number(0...1000), unit: "as a share of 1")
            })

    private static let limits = DocumentSection(
        "limits",
        keys: [
            DocumentKey("memory-mib", .integer(16...16_777_216), unit: "in MiB"),
            DocumentKey("threads", .integer(1...1024)),
        ])

    private static func names<T: CaseIterable & RawRepresentable>(_: T.Type) -> [String]
    where T.RawValue == String {
        T.allCases.map(\.rawValue)
    }
}
