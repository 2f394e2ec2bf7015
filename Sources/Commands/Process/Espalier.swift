/// What this program is.
enum Espalier {
    static let name = "espalier"
    static let version = "0.1.0"
}
