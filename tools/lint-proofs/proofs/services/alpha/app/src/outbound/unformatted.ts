// proof: format/unformatted
export   const spaced = "wide";
