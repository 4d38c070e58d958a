// What a framework's entry is when it runs: nothing. All of it is in the declarations.
export {};
