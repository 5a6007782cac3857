package serde

func valueFamilies() []Family { return nil }
