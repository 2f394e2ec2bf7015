/// Which part of the data is wanted.
package enum DatasetSplit: String, Hashable, Sendable, CaseIterable {
    case test, train, validation
}

/// How data is opened.
package struct DatasetOptions: Hashable, Sendable {
    /// The array with the samples in a file of several; nil takes the description's or the usual names.
    package var samplesName: String?
    /// The array with the labels in a file of several, or the path of a file with the labels alone.
    package var labels: String?
    /// Which part, where there are several; nil takes the description's, else the test split.
    package var split: DatasetSplit?
    /// The path of a description in place of that beside the data.
    package var descriptionPath: String?
    /// What wins over the description.
    package var preprocessing = Preprocessing()
    /// Whether 8-bit images are scaled by 1/255 where nothing is said about their numbers; false for models
    /// that begin by rescaling themselves.
    package var scalesBytes = true
    /// At most that many samples, chosen with ``seed``.
    package var limit: Int?
    package var seed: UInt64 = 1
    /// Whether a damaged image is an error; otherwise it is skipped and named.
    package var isStrict = false

    package init() {}
}

/// An image that was left out.
package struct SkippedSample: Hashable, Sendable {
    package var path: String
    /// Why, as the rest of a sentence.
    package var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}
