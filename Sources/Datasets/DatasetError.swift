/// Why labelled data cannot be read or used, and where.
package struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for a caller to decide on.
    package enum Code: Hashable, Sendable {
        /// No such file or folder.
        case notFound
        /// Legal, but not understood here.
        case unsupported
        /// The content contradicts itself, or ends too early.
        case damaged
        /// Something that is never followed: links, values in other files, paths that lead out.
        case refused
        /// More memory than the file's own size explains.
        case tooLarge
        /// Nothing to read.
        case empty
        /// Samples that do not fit what they are wanted for.
        case shape
        /// Labels that are missing, too many, or no classes.
        case labels
        /// A sample that holds NaN or an infinity.
        case notFinite
        /// The description beside the data says what cannot be.
        case description
        /// A choice of the caller that cannot be: an option's value.
        case option
        /// The operating system refused; `errno` says why.
        case io(errno: Int32)
    }

    package var code: Code
    /// The file or folder as it was named.
    package var file: String
    /// The line in a description, from 1.
    package var line: Int?
    /// The place in the file: an array's name, a key of a description, a sample; empty for all of it.
    package var place: String
    /// What is wrong, without the place.
    package var reason: String

    package init(
        _ code: Code, file: String, line: Int? = nil, place: String = "", _ reason: String
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.place = place
        self.reason = reason
    }

    package var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if !place.isEmpty { text += (text.isEmpty ? "" : line == nil ? ", " : ": ") + place }
        return (text.isEmpty ? reason : "\(text): \(reason)").printable
    }
}

extension String {
    /// The text with control characters replaced: names in files and of files may hold anything.
    package var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        var view = String.UnicodeScalarView()
        for scalar in unicodeScalars { view.append(scalar.isUnprintable ? "?" : scalar) }
        return String(view)
    }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
