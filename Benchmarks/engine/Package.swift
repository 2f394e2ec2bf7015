// swift-tools-version: 6.2

import PackageDescription

// A package of its own: it uses Espalier's engine as a server would, through the product `Execution`.
let package = Package(
    name: "engine",
    dependencies: [.package(name: "espalier", path: "../..")],
    targets: [
        .executableTarget(
            name: "engine", dependencies: [.product(name: "Execution", package: "espalier")])
    ])
