/// One mapping of a document format: the keys and the sections that it may have.
///
/// The tables of a format are made of it; the reader, the published schema and the documentation are
/// held to them.
package struct DocumentSection: Sendable, Equatable {
    /// The key that the section stands under; empty for the document itself.
    package let name: String
    package let keys: [DocumentKey]
    /// What may stand below.
    package let sections: [DocumentSection]
    /// Whether what the section stands in must have it.
    package let isRequired: Bool
    /// How many such sections the document may list; `nil` for a single one that is no list.
    package let most: Int?

    package init(
        _ name: String = "", keys: [DocumentKey], sections: [DocumentSection] = [],
        isRequired: Bool = false, most: Int? = nil
    ) {
        self.name = name
        self.keys = keys
        self.sections = sections
        self.isRequired = isRequired
        self.most = most
    }

    /// The names that the section knows, in the order of the documentation.
    package var names: [String] { keys.map(\.name) + sections.map(\.name) }

    /// The keys of this section and of those below, each with its path.
    package func all(below path: String = "") -> [(path: String, section: String, key: DocumentKey)]
    {
        keys.map { (Self.path(path, $0.name), path, $0) }
            + sections.flatMap { $0.all(below: Self.path(path, $0.name)) }
    }

    /// A key's path in the section at a path: `budget.file-kib`; `models[2].file`, counted from 1.
    package static func path(_ section: String, _ name: String) -> String {
        section.isEmpty ? name : "\(section).\(name)"
    }
}

/// One key of a document format: what it may hold.
package struct DocumentKey: Sendable, Equatable {
    /// What a value may be.
    ///
    /// Ranges include both ends.
    package enum Kind: Sendable, Equatable {
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int>)
        /// `true` or `false`.
        case flag
        case text(TextRule)
        case choice([String])
        /// A list of different choices, at least one.
        case choices([String])
        /// A list of different texts.
        case texts(TextRule, atMost: Int, mayBeEmpty: Bool = false)
        /// A text or a number as it stands there, or a list of them.
        case words(TextRule, atMost: Int)
    }

    package let name: String
    package let kind: Kind
    /// The unit of a number in words, such as `in milliseconds`.
    package let unit: String?
    /// Whether the section must have the key.
    package let isRequired: Bool

    package init(_ name: String, _ kind: Kind, unit: String? = nil, isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.isRequired = isRequired
    }
}
