package rocks

// What tests outside the package look at.
var BlockSum = blockSum
