/// What stands in the YAML file beside the data.
struct DataDescription: Hashable, Sendable {
    /// The keys that say where things are; the others are ``Preprocessing/Key``.
    enum Key: String, CaseIterable {
        case samples, labels, classes, split
    }

    var samples: String?
    var labels: String?
    var classes: [String]?
    var split: DatasetSplit?
    var preprocessing = Preprocessing()

    /// All keys, in the order of the documentation.
    static let keys = Key.allCases.map(\.rawValue) + Preprocessing.Key.allCases.map(\.rawValue)
}
