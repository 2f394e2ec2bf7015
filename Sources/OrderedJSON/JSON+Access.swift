package import OrderedCollections

extension JSON {
    /// The member of that name; nil where there is none or this is not an object.
    ///
    /// Assigning nil removes the member; assigning to a value that is not an object does nothing.
    package subscript(key: String) -> JSON? {
        get {
            guard case .object(let members) = self else { return nil }
            return members[key]
        }
        set {
            guard case .object(var members) = self else { return }
            self = .null  // lets `members` be the only owner, so that it is changed in place
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element at that index; nil where there is none or this is not an array.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The names of an object's members, in order; none where this is not an object.
    package var keys: [String] {
        guard case .object(let members) = self else { return [] }
        return Array(members.keys)
    }

    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return value.integer
    }

    package var double: Double? {
        guard case .number(let value) = self else { return nil }
        return value.double
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var array: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var object: OrderedDictionary<String, JSON>? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}
